// The tasks that wait at a node: one queue per class, in it the higher priority first, and equal
// priorities in the order they came. Those that tasks have submitted can also be taken out of turn,
// the deepest first (decisions/014-waiting-on-a-stack.md).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/ring.hpp"
#include "runtime/base/time.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

struct QueuedTask {
  Task task;
  Instant queued_at{};
  std::uint64_t sequence = 0;       // set by the queue: its place in the order of arrival
  std::uint32_t running_alike = 0;  // see TaskEnd; set by TaskExchange when the task is taken
  bool is_hole = false;             // in a queue: the task was taken out of turn
};

// Whether stealing may take it.
inline bool is_movable(const TaskHeader& task) {
  return (task.flags & (kPinned | kHandedOver)) == 0;
}
inline bool is_movable(const Task& task) { return is_movable(task.header); }

// One thread at a time. Without a limit: the agent bounds what it lets in by the credit it gives.
class ClassQueues {
 public:
  void push(Task task, Instant now);

  // The oldest among those of highest priority, of the classes named. False when none of them
  // waits.
  bool pop(QueuedTask& task, ClassMask of = kAllClasses);

  // Of the classes named: among those of highest priority that are deeper than that, the oldest of
  // the deepest. False when there is none. Logarithmic time, and now and then a pass over the
  // level, after as many such takes as half of it is long.
  bool pop_deeper(QueuedTask& task, ClassMask of, int than);
  // The depth of the deepest that waits of the classes named; 0: no task submitted any of them.
  int deepest(ClassMask of) const;

  // Takes up to `most` tasks of the classes named from the tail, that is those that would run last,
  // in the order they would have run. Tasks that are pinned or were handed over before stay. Costs
  // one step for each task taken, and one for each task passed over.
  std::vector<Task> take_back(std::size_t most, ClassMask of = kAllClasses);

  std::size_t size() const { return size_; }
  std::size_t size(ClassId task_class) const { return classes_[task_class.value()].size; }
  // The classes of which something waits.
  ClassMask filled() const { return filled_; }
  // The highest that waits of the classes named; -1: nothing of them does.
  int top_priority(ClassMask of) const;

 private:
  // Tasks of one class and priority.
  struct Level {
    std::uint8_t priority = 0;
    std::size_t movable_count = 0;  // neither pinned nor handed over
    Ring<QueuedTask> tasks;         // neither the first nor the last is a hole
    std::size_t hole_count = 0;
    // Of those that tasks submitted, by depth, their sequences in ascending order. A few empty ones
    // stay, whose memory the next ones use.
    std::map<std::uint16_t, Ring<std::uint64_t>> nested;

    void note(const QueuedTask& task);
    void forget(const TaskHeader& task, std::uint64_t sequence);
    int deepest() const;
    QueuedTask take(std::size_t position);
    // After anything has left.
    void drop_holes();
    // The sequence of the first one so deep, of which there is one.
    std::uint64_t oldest_of(int depth) const {
      return nested.at(static_cast<std::uint16_t>(depth)).front();
    }
  };
  struct ClassQueue {
    std::vector<Level> levels;  // the highest priority first; an empty level stays
    std::size_t size = 0;
    Level& level(std::uint8_t priority);
    Level* first();
    const Level* first() const { return const_cast<ClassQueue*>(this)->first(); }
  };
  struct Tail;

  // One task of the queue and the level has left it.
  void count_out(ClassQueue& queue, Level& level, const TaskHeader& task, std::uint64_t sequence);
  std::vector<Tail> movable_tails(ClassMask of);
  static void close_gaps(Tail& tail);

  std::array<ClassQueue, kMaxClasses> classes_;
  ClassMask filled_ = 0;
  std::size_t size_ = 0;
  std::size_t nested_count_ = 0;  // of them, how many tasks submitted
  std::uint64_t next_sequence_ = 0;
};

}  // namespace weir
