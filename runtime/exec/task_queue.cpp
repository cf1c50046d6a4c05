#include "runtime/exec/task_queue.hpp"

#include <algorithm>

namespace weir {
namespace {

SortKey key_of(QueueOrder order) {
  switch (order) {
    case QueueOrder::kFifo:
      return SortKey::kArrival;
    case QueueOrder::kShortestFirst:
      return SortKey::kCostHint;
    case QueueOrder::kEarliestDeadline:
      return SortKey::kDeadline;
  }
  return SortKey::kArrival;
}

}  // namespace

bool is_late(const TaskHeader& task, Instant start, double speed) {
  if (task.deadline == kNever) return false;
  const Duration expected = from_seconds(to_seconds(task.cost_hint) / speed);
  return start + expected > task.deadline;
}

TaskQueue::TaskQueue(const QueueOptions& options) {
  const SortKey common = key_of(options.order);
  ClassSortKeys keys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i] = key_of(options.class_orders[i].value_or(options.order));
  }
  const bool all_alike = std::ranges::all_of(keys, [&](SortKey key) { return key == common; });
  if (common != SortKey::kArrival || !all_alike) sorted_.emplace(common, keys);
}

}  // namespace weir
