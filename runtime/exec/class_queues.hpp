// The tasks that wait at a node: one queue per class, in it the higher priority first, and equal
// priorities in the order they came.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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
};

// Whether stealing may take it.
inline bool is_movable(const Task& task) {
  return (task.header.flags & (kPinned | kHandedOver)) == 0;
}

// One thread at a time. Without a limit: the agent bounds what it lets in by the credit it gives.
class ClassQueues {
 public:
  void push(Task task, Instant now);

  // The oldest among those of highest priority, of the classes named. False when none of them
  // waits.
  bool pop(QueuedTask& task, ClassMask of = kAllClasses);

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
    Ring<QueuedTask> tasks;
  };
  struct ClassQueue {
    std::vector<Level> levels;  // the highest priority first; an empty level stays
    std::size_t size = 0;
    Level& level(std::uint8_t priority);
    Level* first();
    const Level* first() const { return const_cast<ClassQueue*>(this)->first(); }
  };
  struct Tail;

  // One task of the queue has left it.
  void count_out(ClassQueue& queue);
  std::vector<Tail> movable_tails(ClassMask of);
  static void close_gaps(Tail& tail);

  std::array<ClassQueue, kMaxClasses> classes_;
  ClassMask filled_ = 0;
  std::size_t size_ = 0;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace weir
