// What the workers of a node share.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/environment/clock.hpp"
#include "runtime/exec/kind_table.hpp"
#include "runtime/exec/parking_lot.hpp"
#include "runtime/exec/spawn_desk.hpp"
#include "runtime/exec/task_exchange.hpp"

namespace weir {

// The workers that wait in a task on a stack where they start nothing but deeper tasks, and have
// found none: as one number that changes whenever a worker becomes one of them, or is none any
// more.
class StalledWorkers {
 public:
  // Says how many there are now.
  std::uint32_t enter() { return count_of(word_.fetch_add(kChange + 1) + 1); }
  void leave() { word_.fetch_add(kChange - 1); }
  std::uint64_t word() const { return word_.load(); }
  static std::uint32_t count_of(std::uint64_t word) { return static_cast<std::uint32_t>(word); }

 private:
  static constexpr std::uint64_t kChange = std::uint64_t{1} << 32;
  std::atomic<std::uint64_t> word_{0};
};

// Every part guards itself; the plain fields are set before the first worker starts.
struct WorkerTeam {
  // `domains`: the memory domain of each worker.
  WorkerTeam(const KindTable& kind_table, const Clock& rank_clock, std::vector<int> domains,
             EndCalls end_calls, const QueueOptions& queue, bool uses_fence);
  // No worker runs any more. Spawned tasks that have not started are dropped.
  ~WorkerTeam();
  WorkerTeam(const WorkerTeam&) = delete;
  WorkerTeam& operator=(const WorkerTeam&) = delete;

  SpawnDesk& desk_of_control() { return desks.back(); }
  bool has_spawned() const;

  const KindTable& kinds;
  const Clock& clock;
  std::function<void(ClassId, const std::string&)> on_spawn_error;
  std::vector<std::vector<int>> steal_order;  // one list of all other workers for each worker
  Duration spin{0};
  bool drop_late;

  std::vector<int> domain_of;  // by worker
  std::vector<int> domain_sizes;
  TaskExchange exchange;
  ParkingLot parking;
  std::deque<SpawnDesk> desks;  // one for each worker, and one for the control thread
  std::atomic<bool> stopping{false};
  // For each worker that sleeps so: than what a task must be deeper; else kSleepsNot. And how many
  // do.
  static constexpr int kSleepsNot = std::numeric_limits<int>::max();
  std::vector<std::atomic<int>> sleeps_below;
  std::atomic<int> sleeping_below{0};
  StalledWorkers stalled;
  // Workers that sleep in a task, stalled, without room on their stacks for any queued task.
  std::atomic<std::uint32_t> exhausted{0};
  // Set by the control thread: one of these that has room may take a task that is not deeper.
  std::atomic<bool> permits_one{false};
  // Set by the control thread for a while after a task was given up: what runs deep in a stack is
  // to end now, and nothing else to start there.
  std::atomic<bool> unwinding{false};
  // Set by the control thread while other ranks are known to look for work.
  std::atomic<bool> wanted_elsewhere{false};

  // Anything to run, for a worker of the domain that is about to park; no queued task once the team
  // stops.
  bool has_work(std::size_t domain) const;
  // Work, or a reason to leave.
  bool has_reason_to_wake(std::size_t domain) const {
    return stopping.load(std::memory_order_seq_cst) || has_work(domain);
  }
  // Up to so many workers of each domain that may start a task, and those that wait for a deeper
  // one.
  void wake_for_queued(std::size_t most);
  // For tasks that were just queued: `wishes` of them would like each domain, the others any. Wakes
  // workers elsewhere for a wish only where its own domain has none to wake.
  void wake_for_queued(const std::vector<std::size_t>& wishes, std::size_t others);
  // A worker that parked has found what to do: wakes another for what else is there, if this one
  // was to look for all. With `looks`, it looks in any case: a wake came and was not used.
  void pass_search_on(WorkerId worker, bool looks);
  // Up to so many workers that sleep in a task, on a stack that has room for deeper ones alone, and
  // may start one now.
  void wake_for_deeper(std::size_t most);
  // An end in the domain has let a task start.
  void wake_for_freed(std::size_t domain) {
    parking.wake(1, domain);
    wake_for_deeper(1);
  }
  // Reports the exception being handled, which a spawned task threw.
  void report_failure(ClassId task_class) const;
};

// A spawned task that runs a registered kind.
struct SpawnedKind {
  const TaskFunction& function;
  Payload payload;

  void operator()(TaskContext& context) const {
    Bytes dropped;
    function(context, payload, dropped);
  }
};
static_assert(sizeof(SpawnedKind) <= SpawnFrame::kInlineBytes);

}  // namespace weir
