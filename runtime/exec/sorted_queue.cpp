#include "runtime/exec/sorted_queue.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <tuple>
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
  if (task.header.depth > 0) queue.nested[reversed][task.header.depth].insert(place);
  if (key != common_key_) {
    queue.turns.insert({reversed, key_of(task.header, common_key_), place.sequence});
  }
  queue.tasks.emplace_hint(queue.tasks.end(), place,
                           QueuedTask{std::move(task), now, place.sequence});
  filled_ |= ClassMask{1} << number;
  ++size_;
}

void SortedQueue::count_out(const TaskHeader& task, const Place& place) {
  --size_;
  ClassQueue& queue = classes_[task.task_class.value()];
  if (queue.tasks.empty()) filled_ &= ~mask_of(task.task_class);
  if (task.depth == 0) return;
  const auto level = queue.nested.find(place.reversed_priority);
  const auto alike = level->second.find(task.depth);
  alike->second.erase(place);
  if (alike->second.empty()) level->second.erase(alike);
  if (level->second.empty()) queue.nested.erase(level);
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
  const Place place = best->tasks.begin()->first;
  task = std::move(best->tasks.begin()->second);
  best->tasks.erase(best->tasks.begin());
  if (!best->turns.empty()) best->turns.erase(best->turns.begin());
  count_out(task.task.header, place);
  return true;
}

bool SortedQueue::pop_deeper(QueuedTask& task, ClassMask of, int than) {
  // The least goes first: by priority, then depth, then the order of their class.
  std::pair<std::tuple<int, int>, Place> best_place;
  ClassQueue* best = nullptr;
  for (ClassMask left = filled_ & of; left != 0; left &= left - 1) {
    ClassQueue& queue = classes_[static_cast<std::size_t>(std::countr_zero(left))];
    for (const auto& [reversed_priority, by_depth] : queue.nested) {
      const auto& [depth, alike] = *by_depth.rbegin();
      if (!is_deeper(depth, than)) continue;
      const std::pair place(std::tuple<int, int>(reversed_priority, -depth), *alike.begin());
      if (best == nullptr || place < best_place) {
        best_place = place;
        best = &queue;
      }
      break;
    }
  }
  if (best == nullptr) return false;
  const Place place = best_place.second;
  const auto found = best->tasks.find(place);
  task = std::move(found->second);
  best->tasks.erase(found);
  if (!best->turns.empty()) {
    best->turns.erase(best->turns.lower_bound(
        {place.reversed_priority, std::numeric_limits<std::int64_t>::min(), 0}));
  }
  count_out(task.task.header, place);
  return true;
}

int SortedQueue::deepest(ClassMask of) const {
  int deepest = 0;
  for (ClassMask left = filled_ & of; left != 0; left &= left - 1) {
    for (const auto& one : classes_[static_cast<std::size_t>(std::countr_zero(left))].nested) {
      deepest = std::max<int>(deepest, one.second.rbegin()->first);
    }
  }
  return deepest;
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
    const Place place = last->task->first;
    taken.push_back(std::move(task));
    last->erase();
    count_out(taken.back().header, place);
  }
  std::ranges::reverse(taken);
  return taken;
}

}  // namespace weir
