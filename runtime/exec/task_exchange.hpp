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
#include "runtime/exec/domain_queues.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// One lock over both queues and the counts, so that a task is always either queued, running, aside
// or ended for whoever looks. A worker takes it once per task: to post one and take the next.
class TaskExchange {
 public:
  // `notify` is called on a worker's thread, without a lock, whenever the list of ended tasks has
  // become non-empty. May be empty.
  // `domain_sizes`: workers of each memory domain.
  TaskExchange(std::function<void()> notify, const QueueOptions& queue,
               const std::vector<int>& domain_sizes)
      : notify_(std::move(notify)),
        has_next_(domain_sizes.size()),
        queues_(queue, domain_sizes.size()),
        running_(domain_sizes) {}

  // For the control thread. Each takes the lock once, whatever the number of tasks. After
  // set_class_limits there may be tasks for workers that sleep.
  void enqueue(std::vector<Task> tasks, Instant now);
  std::vector<Task> take_back(std::size_t most, ClassMask of);
  void take_ended(std::vector<TaskEnd>& ended);
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
  Posted post(TaskEnd end, std::size_t domain);
  // `end` is posted in any case.
  Posted post_and_take(TaskEnd end, QueuedTask& task, std::size_t domain);
  // A running task waits, and so makes room for another of its class; says whether one has become
  // free to start by it. And it goes on, be there room or not: a class may be over its limit for as
  // long as the task that came meanwhile lasts.
  bool step_aside(ClassId task_class, std::size_t domain);
  void step_back(ClassId task_class, std::size_t domain);

  // Whether no task may start in the domain. What was enqueued, or has become free to start, is
  // seen by any thread that announced its parking later (see ParkingLot).
  bool looks_empty(std::size_t domain) const {
    return !has_next_[domain].load(std::memory_order_seq_cst);
  }

 private:
  // All under the lock; the first says whether to notify.
  bool append(TaskEnd end);
  bool pop(QueuedTask& task, std::size_t domain);
  // Says whether a task has become free to start by it.
  bool end_running(ClassId task_class, std::size_t domain);
  bool has_next(std::size_t domain) const {
    return (queues_.filled() & running_.below_limit(domain)) != 0;
  }
  // Of every domain, after a change of the queues or the limits.
  void update_has_next(std::memory_order order);

  std::function<void()> notify_;
  std::vector<std::atomic<bool>> has_next_;  // by domain
  mutable std::mutex mutex_;
  DomainQueues queues_;
  RunningClasses running_;
  std::vector<TaskEnd> ended_;
  std::vector<TaskEnd> taken_;  // of the control thread; keeps its memory between calls
};

}  // namespace weir
