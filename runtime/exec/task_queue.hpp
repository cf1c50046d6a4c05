// The tasks that wait at a node, in the order that its options ask for. First come, first served in
// all classes is ClassQueues; every other order is SortedQueue, which also says what becomes of
// classes with orders of their own.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/exec/class_queues.hpp"
#include "runtime/exec/running_classes.hpp"
#include "runtime/exec/sorted_queue.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// Priority comes first in all of them.
enum class QueueOrder { kFifo, kShortestFirst, kEarliestDeadline };

struct QueueOptions {
  QueueOrder order = QueueOrder::kFifo;
  // By class: the order of its tasks among each other, where it is another one.
  std::array<std::optional<QueueOrder>, kMaxClasses> class_orders{};
  // A task whose turn comes too late for its deadline is dropped instead of run.
  bool drop_late = false;

  // Whether no task runs ahead of others that came before it and have its priority.
  bool is_fifo() const {
    const auto differs = [](const auto& own) { return own && *own != QueueOrder::kFifo; };
    return order == QueueOrder::kFifo && std::ranges::none_of(class_orders, differs);
  }
};

// Whether a task that starts now on a core of that speed is expected to miss its deadline: by its
// cost hint, where it has one, else only when the deadline has passed.
bool is_late(const TaskHeader& task, Instant start, double speed);

// One thread at a time; contracts as those of ClassQueues.
class TaskQueue {
 public:
  explicit TaskQueue(const QueueOptions& options);

  void push(Task task, Instant now) {
    if (sorted_) return sorted_->push(std::move(task), now);
    fifo_.push(std::move(task), now);
  }
  bool pop(QueuedTask& task, ClassMask of = kAllClasses) {
    return sorted_ ? sorted_->pop(task, of) : fifo_.pop(task, of);
  }
  // The next task of the classes that may start: of those below their shares, if any waits.
  bool pop_next(QueuedTask& task, ClassMask startable, const RunningClasses& running) {
    const ClassMask first = startable & running.below_share();
    return pop(task, first) || (first != startable && pop(task, startable));
  }
  // The same of those that are deeper than that, the deepest first.
  bool pop_deeper(QueuedTask& task, ClassMask startable, const RunningClasses& running, int than) {
    const auto pop_of = [&](ClassMask of) {
      return sorted_ ? sorted_->pop_deeper(task, of, than) : fifo_.pop_deeper(task, of, than);
    };
    const ClassMask first = startable & running.below_share();
    return pop_of(first) || (first != startable && pop_of(startable));
  }
  // The depth of the deepest of the classes named; 0: tasks submitted none of them.
  int deepest(ClassMask of) const { return sorted_ ? sorted_->deepest(of) : fifo_.deepest(of); }
  std::vector<Task> take_back(std::size_t most, ClassMask of) {
    return sorted_ ? sorted_->take_back(most, of) : fifo_.take_back(most, of);
  }
  std::size_t size() const { return sorted_ ? sorted_->size() : fifo_.size(); }
  std::size_t size(ClassId task_class) const {
    return sorted_ ? sorted_->size(task_class) : fifo_.size(task_class);
  }
  ClassMask filled() const { return sorted_ ? sorted_->filled() : fifo_.filled(); }
  // -1: nothing of them waits.
  int top_priority(ClassMask of) const {
    return sorted_ ? sorted_->top_priority(of) : fifo_.top_priority(of);
  }

 private:
  ClassQueues fifo_;
  std::optional<SortedQueue> sorted_;
};

}  // namespace weir
