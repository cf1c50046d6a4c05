#include "runtime/exec/task_queue.hpp"

namespace weir {

bool is_late(const TaskHeader& task, Instant start, double speed) {
  if (task.deadline == kNever) return false;
  const Duration expected = from_seconds(to_seconds(task.cost_hint) / speed);
  return start + expected > task.deadline;
}

TaskQueue::TaskQueue(QueueOrder order) {
  if (order == QueueOrder::kShortestFirst) sorted_.emplace(SortKey::kCostHint);
  if (order == QueueOrder::kEarliestDeadline) sorted_.emplace(SortKey::kDeadline);
}

}  // namespace weir
