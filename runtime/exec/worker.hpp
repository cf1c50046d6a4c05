// One worker thread's loop: its own spawned tasks, the node's queues, other workers' spawned tasks,
// sleep.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/exec/task_context.hpp"
#include "runtime/exec/worker_team.hpp"

namespace weir {

// Runs one registered task to its end; what it throws becomes the result of a failed attempt.
// `waited` and `service` are left to the caller.
TaskEnd run_task(const Task& task, const KindTable& kinds, TaskContext& context);

class Worker final : public TaskContext {
 public:
  Worker(WorkerId id, WorkerTeam& team);

  // The thread's main function; returns once the team stops and the running task has ended.
  void run(const std::function<void(WorkerId)>& on_start);

  // Time spent on tasks since the start, the running one included. Any thread. May exceed what a
  // later call says by the moment between a task's end and its being published.
  Duration busy() const;
  // The queued task that runs now. Any thread.
  std::optional<RunningTask> running() const;
  // The class of the spawned task that runs now, or -1. Any thread.
  int spawned_class_running() const { return spawned_class_.load(std::memory_order_relaxed); }

  using TaskContext::spawn;
  WorkerId worker() const override { return id_; }
  void spawn(KindId kind, Payload payload, ClassId task_class) override;

 protected:
  void push(SpawnedTask task) override;

 private:
  void run_queued(QueuedTask& queued);
  TaskEnd run_one(QueuedTask& queued);
  void run_spawned(SpawnedTask& task);
  bool steal(SpawnedTask& task);
  void wait_for_work();

  void begin_busy(Instant now);
  void end_busy(Instant now);

  bool stopping() const { return team_.stopping.load(std::memory_order_relaxed); }
  ParkingLot& lot() { return team_.parking[domain_]; }
  WorkerDeque& deque() { return team_.deques[index_]; }
  SpawnTally& tally() { return team_.tallies[index_]; }

  WorkerId id_;
  std::size_t index_;
  std::size_t domain_;
  WorkerTeam& team_;
  Duration finished_busy_{0};
  Instant busy_since_{};
  // In one word, so that a reader never sees half a change: twice the nanoseconds B, plus 1 while a
  // task runs. Busy time is B when idle, and B + now while a task runs.
  std::atomic<std::int64_t> busy_word_{0};
  std::atomic<int> spawned_class_{-1};
  // Of the queued task that runs, in one word: its start in nanoseconds x kMaxClasses, plus its
  // class; kNothingRuns else.
  static constexpr std::int64_t kNothingRuns = INT64_MIN;
  std::atomic<std::int64_t> running_word_{kNothingRuns};
};

}  // namespace weir
