#include "runtime/exec/worker_team.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/exception_text.hpp"

namespace weir {

WorkerTeam::WorkerTeam(const KindTable& kind_table, const Clock& rank_clock, int worker_count,
                       std::function<void()> notify, const QueueOptions& queue)
    : kinds(kind_table),
      clock(rank_clock),
      drop_late(queue.drop_late),
      exchange(std::move(notify), queue),
      parking(worker_count),
      deques(static_cast<std::size_t>(worker_count)),
      tallies(static_cast<std::size_t>(worker_count) + 1) {}

bool WorkerTeam::has_reason_to_wake() const {
  return stopping.load(std::memory_order_seq_cst) || !exchange.looks_empty() ||
         !std::ranges::all_of(deques, &WorkerDeque::looks_empty);
}

void WorkerTeam::add_spawned(SpawnedTask task, TaskContext& context, WorkerDeque& deque,
                             SpawnTally& tally) {
  // Counted before anyone can finish it: finished never exceeds spawned.
  SpawnTally::count(tally.spawned);
  if (deque.push(task)) {
    parking.wake(1);
  } else {
    run_spawned(task, context, tally);
  }
}

void WorkerTeam::run_spawned(SpawnedTask& task, TaskContext& context, SpawnTally& tally) {
  try {
    task.body(context);
  } catch (...) {
    SpawnTally::count(tally.failed);
    if (on_spawn_error) on_spawn_error(task.task_class, current_exception_text());
  }
  task.body = {};  // What it holds goes before it counts as finished.
  SpawnTally::count(tally.finished);
}

SpawnedTask WorkerTeam::spawned_kind(KindId kind, Payload payload, ClassId task_class) const {
  const TaskFunction& function = kinds.function(kind);
  auto body = [&function, payload = std::move(payload)](TaskContext& context) {
    Bytes dropped;
    function(context, payload, dropped);
  };
  static_assert(sizeof body <= SpawnBody::kInlineBytes);
  return {SpawnBody(std::move(body)), task_class};
}

}  // namespace weir
