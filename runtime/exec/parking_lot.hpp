// Where workers without work sleep. A new task must never meet a sleeping worker, so both sides do
// two steps in opposite order (Dekker): the producer publishes the task, then looks for a parked
// worker; the worker announces that it parks, then looks for tasks once more. All four steps are
// sequentially consistent, so at least one of the two sees the other.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir {

// announce, withdraw and wait are for the worker named; wake is for any thread. Nobody is inside
// when the lot is destroyed.
class ParkingLot {
 public:
  explicit ParkingLot(int worker_count) : places_(static_cast<std::size_t>(worker_count)) {}

  // From now on a wake can be meant for this worker. Look for work, then withdraw or wait.
  void announce(WorkerId worker);
  // Takes the announcement back; a wake that came meanwhile is used up: the worker goes on to look
  // everywhere for work, which is all that a wake asks for.
  void withdraw(WorkerId worker);
  // Sleeps until woken.
  void wait(WorkerId worker);

  // Wakes as many parked workers as there are, at most `most`; those that parked last come first.
  // Returns their number. One atomic read when nobody is parked.
  std::size_t wake(std::size_t most);

 private:
  struct alignas(64) Place {
    std::mutex mutex;
    std::condition_variable bell;
    bool rung = false;
  };

  void ring_bell(WorkerId worker);

  std::vector<Place> places_;
  std::mutex mutex_;
  std::vector<WorkerId> parked_;
  std::atomic<std::size_t> parked_count_{0};
};

}  // namespace weir
