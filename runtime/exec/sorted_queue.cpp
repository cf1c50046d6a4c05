#include "runtime/exec/sorted_queue.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

SortedQueue::SortedQueue(SortKey common) : common_key_(common) { class_keys_.fill(common); }

void SortedQueue::push(Task task, Instant now) {
  const std::uint8_t number = task.header.task_class.value();
  WEIR_CHECK(number < kMaxClasses, "a task of a class that does not exist");

  const auto reversed = static_cast<std::uint8_t>(~task.header.priority);
  const SortKey key = class_keys_[number];
  const Place place{reversed, key_of(task.header, key), next_sequence_++};
  ClassQueue& queue = classes_[number];
  if (key != common_key_) {
    queue.turns.insert({reversed, key_of(task.header, common_key_), place.sequence});
  }
  queue.tasks.emplace_hint(queue.tasks.end(), place,
                           QueuedTask{std::move(task), now, place.sequence});
  filled_ |= ClassMask{1} << number;
  ++size_;
}

void SortedQueue::count_out(std::size_t task_class) {
  --size_;
  if (classes_[task_class].tasks.empty()) filled_ &= ~(ClassMask{1} << task_class);
}

std::int64_t SortedQueue::key_of(const TaskHeader& task, SortKey key) {
  if (key == SortKey::kArrival) return 0;
  if (key == SortKey::kDeadline) return task.deadline.time_since_epoch().count();
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
    if (best == nullptr || queue.first_turn() < best->first_turn()) best = &queue;
  }
  if (best == nullptr) return false;
  task = std::move(best->tasks.begin()->second);
  best->tasks.erase(best->tasks.begin());
  if (!best->turns.empty()) best->turns.erase(best->turns.begin());
  count_out(task.task.header.task_class.value());
  return true;
}

int SortedQueue::top_priority(ClassMask of) const {
  int top = -1;
  for (ClassMask left = filled_ & of; left != 0; left &= left - 1) {
    const ClassQueue& queue = classes_[static_cast<std::size_t>(std::countr_zero(left))];
    top = std::max(top, 255 - queue.first_turn().reversed_priority);
  }
  return top;
}

// A walk over a class from its end on: each task with the turn that it would have.
struct SortedQueue::Tail {
  ClassQueue* queue;
  std::map<Place, QueuedTask>::iterator task;  // the first that has been looked at
  std::set<Place>::iterator turn;              // its turn, where the class has an order of its own

  explicit Tail(ClassQueue& of) : queue(&of), task(of.tasks.end()), turn(of.turns.end()) {}

  bool is_done() const { return task == queue->tasks.begin(); }
  const Place& next_turn() const {
    return queue->turns.empty() ? std::prev(task)->first : *std::prev(turn);
  }
  void step() {
    --task;
    if (!queue->turns.empty()) --turn;
  }
  void erase() {
    task = queue->tasks.erase(task);
    if (!queue->turns.empty()) turn = queue->turns.erase(turn);
  }
};

std::vector<Task> SortedQueue::take_back(std::size_t most, ClassMask of) {
  std::vector<Task> taken;
  std::vector<Tail> tails;
  for (ClassMask left = filled_ & of; left != 0; left &= left - 1) {
    tails.emplace_back(classes_[static_cast<std::size_t>(std::countr_zero(left))]);
  }
  while (taken.size() < most) {
    Tail* last = nullptr;
    for (Tail& tail : tails) {
      if (tail.is_done()) continue;
      if (last == nullptr || tail.next_turn() > last->next_turn()) last = &tail;
    }
    if (last == nullptr) break;
    last->step();
    Task& task = last->task->second.task;
    if (!is_movable(task)) continue;
    taken.push_back(std::move(task));
    last->erase();
    count_out(taken.back().header.task_class.value());
  }
  std::ranges::reverse(taken);
  return taken;
}

}  // namespace weir
