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
#include "runtime/exec/task_exchange.hpp"
#include "runtime/exec/worker_deque.hpp"

namespace weir {

// Written by one thread each, read by any. The sum over all tallies is what counts: a task may be
// spawned by one thread and finished by another.
struct alignas(64) SpawnTally {
  std::atomic<std::uint64_t> spawned{0};
  std::atomic<std::uint64_t> finished{0};
  std::atomic<std::uint64_t> failed{0};  // among the finished

  static void count(std::atomic<std::uint64_t>& number) {
    number.store(number.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
};

// Every part guards itself; the plain fields are set before the first worker starts.
struct WorkerTeam {
  // `domains`: the memory domain of each worker.
  WorkerTeam(const KindTable& kind_table, const Clock& rank_clock, std::vector<int> domains,
             std::function<void()> notify, const QueueOptions& queue);

  const KindTable& kinds;
  const Clock& clock;
  std::function<void(ClassId, const std::string&)> on_spawn_error;
  std::vector<std::vector<int>> steal_order;  // one list of all other workers for each worker
  Duration spin{0};
  bool drop_late;

  std::vector<int> domain_of;  // by worker
  std::vector<int> domain_sizes;
  TaskExchange exchange;
  // One lot for each memory domain: a worker is woken for what its own domain may start.
  std::deque<ParkingLot> parking;
  std::vector<WorkerDeque> deques;  // one for each worker
  std::vector<SpawnTally> tallies;  // one for each worker, and one for the control thread
  std::atomic<bool> stopping{false};

  // Anything to run, for a worker of the domain that is about to park, or a reason to leave.
  bool has_reason_to_wake(std::size_t domain) const;
  // Up to so many workers of each domain that may start a task.
  void wake_for_queued(std::size_t most);
  // Up to so many workers, of whichever domain; those of one domain first.
  void wake_any(std::size_t most, std::size_t first_domain = 0);
  // Puts a task into a deque and wakes a worker for it; runs it in `context` when the deque is
  // full.
  void add_spawned(SpawnedTask task, TaskContext& context, WorkerDeque& deque, SpawnTally& tally);
  // Runs it, counts it and reports what it throws.
  void run_spawned(SpawnedTask& task, TaskContext& context, SpawnTally& tally);
  // A spawned task that runs a registered kind.
  SpawnedTask spawned_kind(KindId kind, Payload payload, ClassId task_class) const;
};

}  // namespace weir
