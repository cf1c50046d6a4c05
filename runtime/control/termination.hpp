// When is an epoch over? Every home counts the tasks it submitted and those that completed, both
// only growing. The root of the tree asks all homes in rounds, and their answers are summed on the
// way back; when two successive rounds find the same sums, all that was submitted is completed and
// every home has nothing more to submit, nothing can be under way: a task submitted or completed
// between the two would show in the second. (F. Mattern, "Algorithms for distributed termination
// detection", Distributed Computing 2, 1987: the four-counter method.)

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// A coordinator's side. Pure: it only says what to ask, and when the answer is final.
class TerminationDetector {
 public:
  // Answers come from children 0 to child_count - 1, each for all homes below it.
  explicit TerminationDetector(std::size_t child_count);

  // At the root: the request that starts the next round; nothing while a round is under way or it
  // is too early for another one.
  std::optional<CountRequest> next_round(std::uint32_t epoch, Instant now);

  // True when this answer proves that the epoch is over.
  bool on_answer(std::size_t child, const CountAnswer& answer, Instant now);

  // Below the root: a round has begun; and the answer to it, once that of the last child has come.
  void follow(const CountRequest& request);
  std::optional<CountAnswer> sum_with(std::size_t child, const CountAnswer& answer);

  // When next_round() is worth calling; kNever while a round is under way.
  Instant next_wakeup() const { return pending_ > 0 ? kNever : earliest_round_; }

 private:
  struct Sums {
    std::uint64_t submitted = 0;
    std::uint64_t completed = 0;
    bool exhausted = true;
    friend bool operator==(const Sums&, const Sums&) = default;
  };

  void begin_round();
  // True when the round is complete.
  bool add(std::size_t child, const CountAnswer& answer);

  std::uint32_t epoch_ = 0;
  std::uint32_t round_ = 0;
  std::size_t pending_ = 0;  // answers still missing in this round
  std::vector<bool> answered_;
  Sums sums_;
  std::optional<Sums> previous_;  // only when it was complete and exhausted
  Instant began_{};
  Instant earliest_round_{};
  Duration pause_;
};

}  // namespace weir
