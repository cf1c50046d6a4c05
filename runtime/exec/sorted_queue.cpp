#include "runtime/exec/sorted_queue.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

void SortedQueue::push(Task task, Instant now) {
  const std::uint8_t number = task.header.task_class.value();
  WEIR_CHECK(number < kMaxClasses, "a task of a class that does not exist");

  const auto reversed = static_cast<std::uint8_t>(~task.header.priority);
  const Place place{reversed, key_of(task.header), next_sequence_++};
  tasks_.emplace_hint(tasks_.end(), place, QueuedTask{std::move(task), now, place.sequence});
  ++class_sizes_[number];
}

std::int64_t SortedQueue::key_of(const TaskHeader& task) {
  if (key_ == SortKey::kDeadline) return task.deadline.time_since_epoch().count();
  return expected_ns(task);
}

std::int64_t SortedQueue::expected_ns(const TaskHeader& task) {
  Hints& hints = hints_[task.task_class.value()];
  const std::int64_t hint_ns = task.cost_hint.count();
  if (hint_ns > 0) {
    ++hints.count;
    hints.mean_ns += (static_cast<double>(hint_ns) - hints.mean_ns) / double(hints.count);
    return hint_ns;
  }
  if (hints.count == 0) return std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(hints.mean_ns);
}

bool SortedQueue::pop(QueuedTask& task) {
  if (tasks_.empty()) return false;
  task = std::move(tasks_.begin()->second);
  tasks_.erase(tasks_.begin());
  --class_sizes_[task.task.header.task_class.value()];
  return true;
}

std::vector<Task> SortedQueue::take_back(std::size_t most) {
  std::vector<Task> taken;
  auto place = tasks_.end();
  while (place != tasks_.begin() && taken.size() < most) {
    --place;
    Task& task = place->second.task;
    if (!is_movable(task)) continue;
    --class_sizes_[task.header.task_class.value()];
    taken.push_back(std::move(task));
    place = tasks_.erase(place);
  }
  std::ranges::reverse(taken);
  return taken;
}

}  // namespace weir
