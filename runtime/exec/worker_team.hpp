// What the workers of a node share.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
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
  // Set by the control thread while other ranks are known to look for work.
  std::atomic<bool> wanted_elsewhere{false};

  // Anything to run, for a worker of the domain that is about to park; no queued task once the team
  // stops.
  bool has_work(std::size_t domain) const;
  // Work, or a reason to leave.
  bool has_reason_to_wake(std::size_t domain) const {
    return stopping.load(std::memory_order_seq_cst) || has_work(domain);
  }
  // Up to so many workers of each domain that may start a task.
  void wake_for_queued(std::size_t most);
  // For tasks that were just queued: `wishes` of them would like each domain, the others any. Wakes
  // workers elsewhere for a wish only where its own domain has none to wake.
  void wake_for_queued(const std::vector<std::size_t>& wishes, std::size_t others);
  // A worker that parked has found what to do: wakes another for what else is there, if this one
  // was to look for all. With `looks`, it looks in any case: a wake came and was not used.
  void pass_search_on(WorkerId worker, bool looks);
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
