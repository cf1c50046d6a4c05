// Runs tasks on worker threads. A worker takes its own spawned tasks first, then what immediate
// tasks spawned, then the node's queues, then steals spawned tasks, nearest worker first, then
// sleeps. A task that waits has its worker do the same meanwhile (exec/worker_help).

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/environment/clock.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/exec/end_watch.hpp"
#include "runtime/exec/kind_table.hpp"
#include "runtime/exec/standstill_watch.hpp"
#include "runtime/exec/task_context.hpp"
#include "runtime/exec/worker.hpp"
#include "runtime/exec/worker_team.hpp"

namespace weir {

struct ThreadExecutorOptions {
  // At least 1.
  int worker_count = 1;
  // For each worker the others it steals from, in this order; a worker left out is not stolen from.
  // Empty: all others, in a random order drawn from `seed`.
  std::vector<std::vector<int>> steal_order;
  // For each worker its memory domain, numbered from 0 without gaps; what a class is limited to
  // counts in each of them. Empty: one domain.
  std::vector<int> worker_domains;
  // Called first on each worker's own thread: the place to bind it and to lower its priority. Must
  // not throw.
  std::function<void(WorkerId)> on_worker_start;
  // Called on a worker's thread when the list of ended tasks has become non-empty, or is to be
  // looked at sooner than was called for before. Must not throw.
  std::function<void()> notify;
  // In its place for ends that the control thread may leave for so long (end_watch.hpp), or until
  // next_end(). Empty: there are none.
  std::function<void(Duration)> notify_within;
  // Called on the thread where a spawned task threw, with "TYPE: WHAT". Several at a time. Must not
  // throw. The errors are counted in any case.
  std::function<void(ClassId, const std::string&)> on_spawn_error;
  // How long a worker without work looks on before it sleeps. Zero was best where ranks share
  // cores: the round trip to a sleeping worker took 4 us, and 50 us when workers looked on for 20
  // us and so kept the control thread from its core (2 busy cores; tools/bench/exec_bench).
  Duration spin{0};
  QueueOptions queue;
  std::uint64_t seed = 1;
  // Whether a worker that parks pays for the fence between a spawn and the look for parked workers
  // (asymmetric_fence.hpp). Where it may not or cannot, each spawn pays a locked instruction.
  bool parking_pays_fence = true;
};

// Immediate kinds run inside enqueue. Equal order of enqueue does not give equal runs: threads
// race.
class ThreadExecutor final : public Executor {
 public:
  // `kinds` and `clock` outlive the executor; `clock` is the one whose instants enqueue gets.
  ThreadExecutor(const KindTable& kinds, const Clock& clock, ThreadExecutorOptions options);
  // Waits for running tasks; what is queued or was spawned and has not started is dropped.
  ~ThreadExecutor() override;
  ThreadExecutor(const ThreadExecutor&) = delete;
  ThreadExecutor& operator=(const ThreadExecutor&) = delete;

  int worker_count() const override { return options_.worker_count; }
  std::vector<int> memory_domain_sizes() const override { return team_.domain_sizes; }
  // Wakes as many workers as there are tasks.
  void enqueue(std::vector<Task> tasks, Instant now) override;
  void take_ended(Instant now, std::vector<TaskEnd>& ended) override;
  std::vector<Task> take_back(std::size_t most, ClassMask of = kAllClasses) override;
  void set_class_limits(const ClassLimits& limits, Instant now) override;
  void set_wanted(bool wanted) override {
    team_.wanted_elsewhere.store(wanted, std::memory_order_relaxed);
  }
  // `running` counts workers, those that run spawned tasks included and those in whose tasks all
  // wait left out. `busy` never goes back, and stands still for a worker that sleeps in a task.
  ExecutorLoad load(Instant now) const override;
  void append_running(std::vector<RunningTask>& running) const override;
  SpawnCounts spawn_counts() const override;
  // kNever, except after an immediate task, for which nobody rings: then the instant it was
  // enqueued; while ends are so dense that nobody rings for those that may wait; and while no
  // worker can go on.
  Instant next_end() const override;
  bool is_supplied() const override { return watch_.next_look() != kNever; }

 private:
  // What immediate tasks may do: they run on the control thread.
  class ControlContext final : public TaskContext {
   public:
    explicit ControlContext(WorkerTeam& team) : TaskContext(&team.desk_of_control()), team_(team) {}
    using TaskContext::spawn;
    WorkerId worker() const override { return kNoWorker; }
    void set_depth(std::uint16_t depth) { desk().depth = depth; }
    void spawn(KindId kind, Payload payload, ClassId task_class) override;

   protected:
    void report_failure(ClassId task_class) override { team_.report_failure(task_class); }

   private:
    WorkerTeam& team_;
  };

  // Runs the immediate ones among `tasks` and leaves the others.
  void run_immediate(std::vector<Task>& tasks, Instant now);
  void start_workers();
  void stop_workers();

  ThreadExecutorOptions options_;
  WorkerTeam team_;
  ControlContext control_context_;
  std::vector<TaskEnd> immediate_ended_;
  Instant immediate_since_ = kNever;
  EndWatch watch_;
  StandstillWatch standstill_{team_};
  mutable Duration reported_busy_{0};  // by load(), so that it never goes back
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
};

}  // namespace weir
