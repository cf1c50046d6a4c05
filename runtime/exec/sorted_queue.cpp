#include "runtime/exec/sorted_queue.hpp"

#include <algorithm>
#include <bit>
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
  ClassQueue& queue = classes_[number];
  queue.emplace_hint(queue.end(), place, QueuedTask{std::move(task), now, place.sequence});
  filled_ |= ClassMask{1} << number;
  ++size_;
}

void SortedQueue::count_out(std::size_t task_class) {
  --size_;
  if (classes_[task_class].empty()) filled_ &= ~(ClassMask{1} << task_class);
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

bool SortedQueue::pop(QueuedTask& task, ClassMask of) {
  ClassQueue* best = nullptr;
  for (ClassMask left = filled_ & of; left != 0; left &= left - 1) {
    ClassQueue& queue = classes_[static_cast<std::size_t>(std::countr_zero(left))];
    if (best == nullptr || queue.begin()->first < best->begin()->first) best = &queue;
  }
  if (best == nullptr) return false;
  task = std::move(best->begin()->second);
  best->erase(best->begin());
  count_out(task.task.header.task_class.value());
  return true;
}

std::vector<Task> SortedQueue::take_back(std::size_t most, ClassMask of) {
  std::vector<Task> taken;
  // For each class the first place that has been looked at, from its end on.
  std::array<ClassQueue::iterator, kMaxClasses> seen;
  for (std::size_t i = 0; i < seen.size(); ++i) seen[i] = classes_[i].end();
  while (taken.size() < most) {
    std::size_t last = seen.size();
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const bool is_named = (of & (ClassMask{1} << i)) != 0;
      if (!is_named || seen[i] == classes_[i].begin()) continue;
      if (last == seen.size() || std::prev(seen[i])->first > std::prev(seen[last])->first) last = i;
    }
    if (last == seen.size()) break;
    --seen[last];
    Task& task = seen[last]->second.task;
    if (!is_movable(task)) continue;
    taken.push_back(std::move(task));
    seen[last] = classes_[last].erase(seen[last]);
    count_out(last);
  }
  std::ranges::reverse(taken);
  return taken;
}

}  // namespace weir
