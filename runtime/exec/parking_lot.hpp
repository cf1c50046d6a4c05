// Where workers without work sleep. A new task must never meet a sleeping worker, so both sides do
// two steps in opposite order (Dekker): the producer publishes the task, then looks for a parked
// worker; the worker announces that it parks, then looks for tasks once more. At least one of the
// two sees the other, because all four steps are sequentially consistent, or because announce()
// ends with a heavy fence and the producer's two steps stand in this order in its program: a
// producer whose look came before the fence had published before it too.
//
// So that a burst of small tasks wakes no crowd, a spawning worker wakes nobody as long as one that
// was woken so, the searcher, has not found anything yet. What was spawned meanwhile is not lost:
// the searcher ends its search before it looks once more (found_work() or announce(), both with the
// fence), so either it sees that task, and wakes the next searcher or takes the task itself, or the
// producer sees that nobody searches.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

namespace weir {

// announce, withdraw, wait and found_work are for the worker named; everything else is for any
// thread. Nobody is inside when the lot is destroyed.
class ParkingLot {
 public:
  // `domain_of`: the memory domain of each worker. `has_fence`: whether announce() shall end with a
  // heavy fence, which must work here.
  ParkingLot(const std::vector<int>& domain_of, bool has_fence);

  // What a parked worker can be woken for: anything; spawned tasks, or by its name; by its name.
  enum class Wakes { kForAnyWork, kForSpawned, kForItselfOnly };

  // From now on a wake can be meant for this worker. Look for work, then withdraw or wait.
  void announce(WorkerId worker, Wakes wakes = Wakes::kForAnyWork);
  // Takes the announcement back; a wake that came meanwhile is used up. The worker owes a look
  // everywhere, as after wait(): it takes what it finds or, when it has something better to do,
  // calls found_work() and wakes another for what is there.
  void withdraw(WorkerId worker);
  // Sleeps until woken.
  void wait(WorkerId worker);
  // Sleeps at most so long. False: nobody has woken it, and it withdraws.
  bool wait_for(WorkerId worker, Duration time);
  // After withdraw() or wait(), of a worker that looks no further. True when it was the searcher:
  // it looks for work once more, and wakes a searcher for what it sees.
  bool found_work(WorkerId worker);

  // Wakes as many workers of the domain as are parked for any work, at most `most`; those that
  // parked last come first. Returns their number. One atomic read when nobody is parked.
  std::size_t wake(std::size_t most, std::size_t domain);
  // Wakes one to search, of the domain if it can, of those parked for spawned tasks only where
  // nobody is parked for any work; nobody while one searches.
  void wake_searcher(std::size_t first_domain);
  // Wakes this worker if it is parked or about to, whatever for, and says whether it was. What the
  // caller did before is seen by the worker when it looks once more, without any fence of the
  // caller.
  bool wake_worker(WorkerId worker);
  void wake_all();

  // Whether somebody takes spawned tasks, is parked, and nobody searches: the second step of a
  // spawning worker. One read of a line that seldom changes.
  bool wants_work() const { return state_.load(std::memory_order_seq_cst) - 1 < kSearching - 1; }
  bool has_fence() const { return has_fence_; }

 private:
  enum class Parked { kNo, kForAnyWork, kForSpawned, kForItselfOnly };
  struct alignas(64) Place {
    std::mutex mutex;
    std::condition_variable bell;
    bool rung = false;
    std::size_t domain = 0;
    Parked parked = Parked::kNo;  // under the mutex of the lot
  };

  // The number of workers parked for any work, that of those parked for spawned tasks times
  // kForSpawned, and this bit while one of those woken searches.
  static constexpr std::uint32_t kSearching = std::uint32_t{1} << 31;
  static constexpr std::uint32_t kForSpawned = std::uint32_t{1} << 16;

  Place& place(WorkerId worker) { return places_[static_cast<std::size_t>(worker.value())]; }
  // All under the mutex.
  void leave(WorkerId worker);
  WorkerId last_of(std::size_t domain) const { return parked_[domain].back(); }
  WorkerId one_to_search(std::size_t first_domain) const;
  void update_state();

  void ring_bell(WorkerId worker);

  std::vector<Place> places_;
  bool has_fence_;
  std::mutex mutex_;
  std::vector<std::vector<WorkerId>> parked_;  // by domain, the last to park last
  std::size_t parked_count_ = 0;
  std::vector<WorkerId> for_spawned_;  // of any domain
  WorkerId searcher_;                  // kNobody: none
  alignas(64) std::atomic<std::uint32_t> state_{0};
};

}  // namespace weir
