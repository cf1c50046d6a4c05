// Where the control thread and the workers meet: tasks that wait go in, ended ones come out.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/exec/domain_queues.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// Both are called on a worker's thread, without a lock, and may be empty. Must not throw.
struct EndCalls {
  // The list of ended tasks has become non-empty, or more urgent than it was.
  std::function<void()> at_once;
  // The same, and the control thread may leave it for so long. Empty: at_once is called.
  std::function<void(Duration)> within;
};

// One lock over both queues and the counts, so that a task is always either queued, running, aside
// or ended for whoever looks. A worker takes it once per task: to post one and take the next.
class TaskExchange {
 public:
  // `domain_sizes`: workers of each memory domain.
  TaskExchange(EndCalls calls, const QueueOptions& queue, const std::vector<int>& domain_sizes)
      : calls_(std::move(calls)),
        worker_count_(
            static_cast<std::size_t>(std::accumulate(domain_sizes.begin(), domain_sizes.end(), 0))),
        has_next_(domain_sizes.size()),
        deepest_(domain_sizes.size()),
        queues_(queue, domain_sizes.size()),
        running_(domain_sizes) {}

  // For the control thread. Each takes the lock once, whatever the number of tasks. After
  // set_class_limits there may be tasks for workers that sleep.
  void enqueue(std::vector<Task> tasks, Instant now);
  std::vector<Task> take_back(std::size_t most, ClassMask of);
  // The deepest that tasks submitted, whether it may start or not; nothing where there is none.
  std::optional<QueuedTask> take_deepest();
  // Says whether every worker has another task to take.
  bool take_ended(std::vector<TaskEnd>& ended);
  void set_class_limits(const ClassLimits& limits);
  // Adds the queued and the running tasks, and the limits.
  void add_load(ExecutorLoad& load) const;

  // For the workers, each of which names its memory domain. An end may let a task start there that
  // waited for its class's limit while other workers of the domain sleep.
  struct Posted {
    bool lets_another_start = false;
    bool has_next = false;  // the caller has been given a task
  };
  bool take(QueuedTask& task, std::size_t domain);
  // One that is deeper than that: of the classes below their shares, if any, and of the highest
  // priority among these the deepest.
  bool take_deeper(QueuedTask& task, std::size_t domain, int than);
  Posted post(TaskEnd end, std::size_t domain);
  // `end` is posted in any case; it ended `now`.
  Posted post_and_take(TaskEnd end, Instant now, QueuedTask& task, std::size_t domain);
  // A running task waits, and so makes room for another; says whether one has become free to start
  // by it. And it goes on, be there room or not: a class may be over its limit for as
  // long as the task that came meanwhile lasts.
  bool step_aside(ClassId task_class, std::size_t domain);
  void step_back(ClassId task_class, std::size_t domain);

  // Whether no task may start in the domain. What was enqueued, or has become free to start, is
  // seen by any thread that announced its parking later (see ParkingLot).
  bool looks_empty(std::size_t domain) const {
    return !has_next_[domain].load(std::memory_order_seq_cst);
  }
  // Whether one that is deeper may start there. Seen likewise.
  bool has_deeper(std::size_t domain, int than) const {
    const int deepest = deepest_[domain].load(std::memory_order_seq_cst);
    return deepest > 0 && is_deeper(deepest, than);
  }
  // Has the control thread look. Any thread.
  void call_at_once() const { call(Duration::zero()); }

 private:
  static constexpr Duration kNotTold = Duration::max();

  // All under the lock; the first says whether to call, where somebody may have called before.
  bool becomes_more_urgent(Duration patience);
  Duration leave(const TaskEnd& end, Instant now);
  bool pop(QueuedTask& task, std::size_t domain);
  void note_start(QueuedTask& task, std::size_t domain);
  // Says whether a task has become free to start by it.
  bool end_running(ClassId task_class, std::size_t domain);
  // For each worker one that may start, whatever the domain: a class that is at its limit somewhere
  // does not count.
  bool has_task_for_each() const;
  bool has_next(std::size_t domain) const {
    return (queues_.filled() & running_.startable(domain)) != 0;
  }
  // Of every domain, after a change of the queues or the limits.
  void update_has_next(std::memory_order order);
  void update_deepest(std::size_t domain, std::memory_order order) {
    const int deepest = queues_.deepest(running_.startable(domain));
    const bool is_new = deepest != deepest_[domain].load(std::memory_order_relaxed);
    if (is_new || (deepest > 0 && order == std::memory_order_seq_cst)) {
      deepest_[domain].store(deepest, order);
    }
  }

  void call(Duration patience) const;

  EndCalls calls_;
  std::size_t worker_count_;
  std::vector<std::atomic<bool>> has_next_;  // by domain, as is deepest_
  std::vector<std::atomic<int>> deepest_;    // of those that may start; 0: tasks submitted none
  mutable std::mutex mutex_;
  DomainQueues queues_;
  RunningClasses running_;
  std::vector<TaskEnd> ended_;
  Instant due_ = kNever;               // the earliest instant by which one of these is to be seen
  Duration told_patience_ = kNotTold;  // the least that was called for since ends were last taken
  std::vector<TaskEnd> taken_;         // of the control thread; keeps its memory between calls
};

}  // namespace weir
