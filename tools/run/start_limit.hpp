// Until a run has begun its ranks wait for each other, in MPI_Init and in what they agree on, and
// nobody watches over anybody yet. Where mpirun leaves the others alone when one dies, they would
// wait for ever for a rank that has died by then.

#pragma once

#include <chrono>

namespace weir {

// Thousands of ranks need some time to start, and so do ranks that first pass over what a ledger
// says was done.
inline constexpr std::chrono::seconds kLongestStart(600);
// After so long the first two ranks say for what they wait.
inline constexpr std::chrono::seconds kQuietStart(30);
// For the last calls that are collective: a rank that dies then would hold up the others.
inline constexpr std::chrono::seconds kLongestEnd(10);

// Ends this process with exit code 1, and says why, unless met() is called within that time. Uses
// the process's alarm; one at a time.
class StartLimit {
 public:
  // Zero: no limit. Says after `quiet` that it waits, unless that is not below the limit.
  explicit StartLimit(std::chrono::seconds limit, std::chrono::seconds quiet = kQuietStart);
  ~StartLimit() { met(); }
  StartLimit(const StartLimit&) = delete;
  StartLimit& operator=(const StartLimit&) = delete;

  void met();
};

// From now on this process ends with that code, at the latest after that time.
void limit_the_end(int exit_code, std::chrono::seconds limit = kLongestEnd);

}  // namespace weir
