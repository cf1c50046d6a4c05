#include "runtime/exec/class_queues.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Marks a task that take_back has moved out, until the gap is closed.
constexpr std::uint64_t kGone = std::numeric_limits<std::uint64_t>::max();

// As many depths of a level keep their memory while nothing of them waits: a task that goes through
// an empty queue, as most do, then allocates none. Few programs nest deeper.
constexpr std::size_t kMostDepthsKept = 16;

// The position of the first element whose sequence, sequence_of(element), is not below this one.
// They ascend.
template <typename Of, typename Sequence>
std::size_t position_of(const Ring<Of>& ring, std::uint64_t sequence, Sequence sequence_of) {
  std::size_t first = 0;
  std::size_t end = ring.size();
  while (first < end) {
    const std::size_t middle = first + (end - first) / 2;
    if (sequence_of(ring[middle]) < sequence) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  return first;
}

}  // namespace

void ClassQueues::Level::note(const QueuedTask& task) {
  nested[task.task.header.depth].push_back(task.sequence);
}

void ClassQueues::Level::forget(const TaskHeader& task, std::uint64_t sequence) {
  const auto found = nested.find(task.depth);
  Ring<std::uint64_t>& alike = found->second;
  if (alike.front() == sequence) {
    alike.pop_front();
  } else {
    alike.take(position_of(alike, sequence, [](std::uint64_t one) { return one; }));
  }
  if (alike.empty() && nested.size() > kMostDepthsKept) nested.erase(found);
}

int ClassQueues::Level::deepest() const {
  for (auto one = nested.rbegin(); one != nested.rend(); ++one) {
    if (!one->second.empty()) return one->first;
  }
  return 0;
}

// To close the gap at once would move up to half of a long queue, under the lock of TaskExchange.
QueuedTask ClassQueues::Level::take(std::size_t position) {
  QueuedTask& place = tasks[position];
  QueuedTask taken = std::move(place);
  place.is_hole = true;
  place.task.header.flags |= kPinned;  // take_back() passes it over.
  ++hole_count;
  drop_holes();
  return taken;
}

void ClassQueues::Level::drop_holes() {
  if (hole_count == 0) return;
  for (; !tasks.empty() && tasks.front().is_hole; --hole_count) tasks.pop_front();
  for (; !tasks.empty() && tasks[tasks.size() - 1].is_hole; --hole_count) tasks.pop_back();
  if (hole_count <= tasks.size() / 2) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].is_hole) continue;
    if (kept != i) tasks[kept] = std::move(tasks[i]);
    ++kept;
  }
  tasks.cut(kept);
  hole_count = 0;
}

ClassQueues::Level& ClassQueues::ClassQueue::level(std::uint8_t priority) {
  auto place = levels.begin();
  while (place != levels.end() && place->priority > priority) ++place;
  if (place == levels.end() || place->priority != priority) {
    place = levels.emplace(place);
    place->priority = priority;
  }
  return *place;
}

ClassQueues::Level* ClassQueues::ClassQueue::first() {
  for (Level& level : levels) {
    if (!level.tasks.empty()) return &level;
  }
  return nullptr;
}

void ClassQueues::push(Task task, Instant now) {
  const std::uint8_t number = task.header.task_class.value();
  WEIR_CHECK(number < kMaxClasses, "a task of a class that does not exist");

  ClassQueue& queue = classes_[number];
  Level& level = queue.level(task.header.priority);
  level.movable_count += is_movable(task) ? 1 : 0;
  const bool is_nested = task.header.depth > 0;
  level.tasks.push_back({std::move(task), now, next_sequence_++});
  if (is_nested) {
    level.note(level.tasks[level.tasks.size() - 1]);
    ++nested_count_;
  }
  filled_ |= ClassMask{1} << number;
  ++queue.size;
  ++size_;
}

void ClassQueues::count_out(ClassQueue& queue, Level& level, const TaskHeader& task,
                            std::uint64_t sequence) {
  level.movable_count -= is_movable(task) ? 1 : 0;
  if (task.depth > 0) {
    level.forget(task, sequence);
    --nested_count_;
  }
  --size_;
  if (--queue.size == 0) filled_ &= ~(ClassMask{1} << (&queue - classes_.data()));
}

bool ClassQueues::pop(QueuedTask& task, ClassMask of) {
  if ((filled_ & of) == 0) return false;
  ClassQueue* best_queue = nullptr;
  Level* best = nullptr;
  for (ClassMask left = filled_ & of; left != 0; left &= left - 1) {
    ClassQueue& queue = classes_[static_cast<std::size_t>(std::countr_zero(left))];
    Level* level = queue.first();
    if (best == nullptr || level->priority > best->priority ||
        (level->priority == best->priority &&
         level->tasks.front().sequence < best->tasks.front().sequence)) {
      best = level;
      best_queue = &queue;
    }
  }
  task = best->tasks.pop_front();
  best->drop_holes();
  count_out(*best_queue, *best, task.task.header, task.sequence);
  return true;
}

bool ClassQueues::pop_deeper(QueuedTask& task, ClassMask of, int than) {
  if (nested_count_ == 0) return false;
  // The greatest goes first: by priority, then depth, then age.
  using Place = std::tuple<int, int, std::uint64_t>;
  Place best_place;
  ClassQueue* best_queue = nullptr;
  Level* best = nullptr;
  for (ClassMask left = filled_ & of; left != 0; left &= left - 1) {
    ClassQueue& queue = classes_[static_cast<std::size_t>(std::countr_zero(left))];
    for (Level& level : queue.levels) {
      const int depth = level.deepest();
      if (depth == 0 || !is_deeper(depth, than)) continue;
      const Place place(level.priority, depth, ~level.oldest_of(depth));
      if (best == nullptr || place > best_place) {
        best_place = place;
        best = &level;
        best_queue = &queue;
      }
      break;
    }
  }
  if (best == nullptr) return false;
  const std::uint64_t sequence = ~std::get<2>(best_place);
  const auto sequence_of = [](const QueuedTask& one) { return one.sequence; };
  task = best->take(position_of(best->tasks, sequence, sequence_of));
  count_out(*best_queue, *best, task.task.header, sequence);
  return true;
}

int ClassQueues::deepest(ClassMask of) const {
  if (nested_count_ == 0) return 0;
  int deepest = 0;
  for (ClassMask left = filled_ & of; left != 0; left &= left - 1) {
    const ClassQueue& queue = classes_[static_cast<std::size_t>(std::countr_zero(left))];
    for (const Level& level : queue.levels) deepest = std::max(deepest, level.deepest());
  }
  return deepest;
}

int ClassQueues::top_priority(ClassMask of) const {
  int top = -1;
  for (ClassMask left = filled_ & of; left != 0; left &= left - 1) {
    const ClassQueue& queue = classes_[static_cast<std::size_t>(std::countr_zero(left))];
    top = std::max<int>(top, queue.first()->priority);
  }
  return top;
}

// A walk from the back of one level to its front, over movable tasks only.
struct ClassQueues::Tail {
  ClassQueue* queue = nullptr;
  Level* level = nullptr;
  std::size_t position = 0;  // of the last movable task not taken, while movable_count > 0

  void find_from(std::size_t end) {
    if (level->movable_count == 0) return;
    position = end - 1;
    while (!is_movable(level->tasks[position].task)) --position;
  }
  // Whether this tail's task would run after that of `other`.
  bool runs_after(const Tail& other) const {
    if (level->priority != other.level->priority) return level->priority < other.level->priority;
    return level->tasks[position].sequence > other.level->tasks[other.position].sequence;
  }
};

std::vector<ClassQueues::Tail> ClassQueues::movable_tails(ClassMask of) {
  std::vector<Tail> tails;
  for (ClassMask left = filled_ & of; left != 0; left &= left - 1) {
    ClassQueue& queue = classes_[static_cast<std::size_t>(std::countr_zero(left))];
    for (Level& level : queue.levels) {
      if (level.movable_count == 0) continue;
      tails.push_back({&queue, &level, 0});
      tails.back().find_from(level.tasks.size());
    }
  }
  return tails;
}

void ClassQueues::close_gaps(Tail& tail) {
  Ring<QueuedTask>& tasks = tail.level->tasks;
  std::size_t kept = tail.position;
  for (std::size_t i = tail.position; i < tasks.size(); ++i) {
    if (tasks[i].sequence == kGone) continue;
    if (kept != i) tasks[kept] = std::move(tasks[i]);
    ++kept;
  }
  tasks.cut(kept);
  tail.level->drop_holes();
}

std::vector<Task> ClassQueues::take_back(std::size_t most, ClassMask of) {
  std::vector<Task> taken;
  std::vector<Tail> tails = movable_tails(of);
  while (taken.size() < most) {
    Tail* last = nullptr;
    for (Tail& tail : tails) {
      if (tail.level->movable_count == 0) continue;
      if (last == nullptr || tail.runs_after(*last)) last = &tail;
    }
    if (last == nullptr) break;

    QueuedTask& queued = last->level->tasks[last->position];
    taken.push_back(std::move(queued.task));
    count_out(*last->queue, *last->level, taken.back().header, queued.sequence);
    queued.sequence = kGone;
    last->find_from(last->position);
  }
  for (Tail& tail : tails) close_gaps(tail);
  std::ranges::reverse(taken);
  return taken;
}

}  // namespace weir
