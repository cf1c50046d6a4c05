// Where the control thread and the workers meet: tasks that wait go in, ended ones come out.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/exec/task_queue.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// One lock over both queues and the counts, so that a task is always either queued, running or
// ended for whoever looks. A worker takes it once per task: to post one and take the next.
class TaskExchange {
 public:
  // `notify` is called on a worker's thread, without a lock, whenever the list of ended tasks has
  // become non-empty. May be empty.
  explicit TaskExchange(std::function<void()> notify, QueueOrder order = QueueOrder::kFifo)
      : notify_(std::move(notify)), queues_(order) {}

  // For the control thread. Each takes the lock once, whatever the number of tasks.
  void enqueue(std::vector<Task> tasks, Instant now);
  std::vector<Task> take_back(std::size_t most);
  void take_ended(std::vector<TaskEnd>& ended);
  // Adds the queued and the running tasks.
  void add_load(ExecutorLoad& load) const;

  // For the workers.
  bool take(QueuedTask& task);
  void post(TaskEnd end);
  // False when nothing waits; `end` is posted in any case.
  bool post_and_take(TaskEnd end, QueuedTask& task);

  // What was enqueued is seen by any thread that announced its parking later (see ParkingLot).
  bool looks_empty() const { return queued_count_.load(std::memory_order_seq_cst) == 0; }

 private:
  // Both under the lock; the first says whether to notify.
  bool append(TaskEnd end);
  bool pop(QueuedTask& task);

  std::function<void()> notify_;
  std::atomic<std::size_t> queued_count_{0};
  mutable std::mutex mutex_;
  TaskQueue queues_;
  std::array<std::uint32_t, kMaxClasses> running_{};
  std::vector<TaskEnd> ended_;
  std::vector<TaskEnd> taken_;  // of the control thread; keeps its memory between calls
};

}  // namespace weir
