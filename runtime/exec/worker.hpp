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
  Wakeup wakeup() const override { return {team_.parking, id_}; }
  bool hungry() const override {
    return team_.parking.wants_work() || team_.wanted_elsewhere.load(std::memory_order_relaxed);
  }
  std::optional<TaskId> task() const override;
  bool is_beneath(TaskId task) const override;

 protected:
  bool help(Predicate done, std::int64_t floor) override;
  void report_failure(ClassId task_class) override { team_.report_failure(task_class); }

 private:
  // A queued task on this worker's stack.
  struct Running {
    TaskId id;
    ClassId task_class;
    Instant start{};
    Duration away{0};           // of the time since then, what was not spent on it
    bool stands_aside = false;  // waits, and does not count as running
    Running* beneath = nullptr;
  };

  void run_queued(QueuedTask& queued);
  bool names_no_domain(const TaskHeader& header) const;
  // `finish`: when it ended.
  TaskEnd run_one(QueuedTask& queued, Instant& finish);
  void run_spawned(SpawnFrame& first, WorkerDeque& from);
  // Of the control thread, and of another worker: the deque it lies in, or nullptr.
  struct Stolen {
    SpawnFrame* frame = nullptr;
    WorkerDeque* from = nullptr;
  };
  Stolen steal();
  void wait_for_work();
  // The worker has been parked, and now runs something.
  void stop_searching();

  // What may run on top of a task that waits.
  struct Takes {
    bool others = true;    // than spawned tasks of this worker
    int than = kAnyDepth;  // of queued tasks, those that are deeper
    bool stalls = false;   // it counts as stalled while it finds nothing
    bool unwinds = false;  // it takes no others only until WorkerTeam::unwinding ends

    bool any() const { return others && than == kAnyDepth; }
  };
  static constexpr int kAnyDepth = -1;
  Takes takes_now(bool is_patient) const;
  bool has_work_for(const Takes& takes) const;

  // The parts of help(). Each of the first two says whether it ran a task.
  bool help_with_own(std::int64_t floor);
  bool help_with_others(const Takes& takes);
  bool take_queued(QueuedTask& queued, const Takes& takes);
  void stall();
  void end_stall();
  void run_nested(SpawnFrame& frame);
  void run_nested(QueuedTask& queued);
  bool look_on(Predicate done, const Takes& takes);
  // False when it slept so long and nobody woke it; it does so only where it takes deeper tasks.
  bool park_in_task(Predicate done, const Takes& takes, Duration longest);
  bool sleep_in_task(Predicate done, const Takes& takes, Duration longest);
  void step_aside();
  void step_back();
  void show_running(const Running& running);

  void begin_busy(Instant now);
  void end_busy(Instant now);

  bool stopping() const { return team_.stopping.load(std::memory_order_relaxed); }
  ParkingLot& lot() { return team_.parking; }
  WorkerDeque& deque() { return desk().deque; }
  WorkerDeque& deque_of_control() { return team_.desk_of_control().deque; }

  WorkerId id_;
  std::size_t index_;
  std::size_t domain_;
  WorkerTeam& team_;
  bool has_parked_ = false;  // and has run nothing since
  bool is_stalled_ = false;
  Running* running_ = nullptr;  // the innermost
  // As the stack limit, where less of the stack is used.
  const std::byte* quarter_used_ = nullptr;
  const std::byte* three_eighths_used_ = nullptr;
  bool is_busy_ = false;
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
