// Runs tasks without computing, as TimerExecutor does, where the speed of running tasks changes:
// with the mix of memory-hungry tasks, with the node's drift and with steps of its speed.
//
// All hungry tasks of a memory domain have one speed at a time, and all others of the node have
// one. So each of these groups has a virtual clock that counts the work a task of the group has
// done since then: it runs at the group's speed. A task ends when the clock has gone on by its work
// from where it stood at the start, whatever the speed did meanwhile; the order of ends within a
// group never changes. A change of speed costs one step of each clock, however many tasks run. (The
// virtual time of processor sharing: Parekh and Gallager, "A generalized processor sharing approach
// to flow control", IEEE/ACM Transactions on Networking 1, 1993.)

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/base/histogram.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/exec/domain_cores.hpp"
#include "runtime/exec/service_model.hpp"
#include "runtime/exec/task_queue.hpp"

namespace weir {

// A core that becomes free takes its next task at the end of the one before, however late that is
// noticed. `now` must not go back from call to call. O(log cores) per task and per change of speed.
// Results are empty.
class ContinuousExecutor final : public Executor {
 public:
  explicit ContinuousExecutor(ServiceModel model, const QueueOptions& queue = {});

  int worker_count() const override { return model_.cores(); }
  std::vector<int> memory_domain_sizes() const override { return domains_.sizes(); }
  void enqueue(std::vector<Task> tasks, Instant now) override;
  // In the order they ended.
  void take_ended(Instant now, std::vector<TaskEnd>& ended) override;
  std::vector<Task> take_back(std::size_t most, ClassMask of = kAllClasses) override {
    return queues_.take_back(most, of);
  }
  void set_class_limits(const ClassLimits& limits, Instant now) override;
  // As of the last enqueue or take_ended; `busy` counts to `now`, at most to the next end.
  ExecutorLoad load(Instant now) const override;
  ExecutorCounts counts(Instant) const override {
    return {static_cast<std::uint32_t>(queues_.size()), static_cast<std::uint32_t>(running_count_)};
  }
  void append_running(std::vector<RunningTask>& running) const override;
  SpawnCounts spawn_counts() const override { return {}; }
  // Or the next change of speed: an end may come closer by it.
  Instant next_end() const override;

  // How long after their ends tasks were taken.
  const DurationHistogram& lateness() const { return lateness_; }

 private:
  struct Running {
    double ends_at_s = 0;  // on the clock of its group
    std::uint64_t sequence = 0;
    Instant started{};
    std::size_t domain = 0;
    TaskEnd end;
  };
  struct Group {
    double clock_s = 0;            // work done by each since it was last empty
    double speed = 1;              // of the clock
    std::vector<Running> running;  // a heap, the earliest end first
    Instant next_end = kNever;     // at this speed
  };
  struct Ended {
    Instant at{};
    TaskEnd end;
  };
  static bool ends_later(const Running& a, const Running& b);

  Group& group_of(ClassId task_class, std::size_t domain) {
    return model_.is_hungry(task_class) ? groups_[1 + domain] : groups_.front();
  }
  Group& first_to_end();
  Instant first_end() const;
  Instant next_change() const;

  // Plays everything up to `now`: ends, the starts that follow them, and changes of speed.
  void advance(Instant now);
  void move_clocks(Instant to);
  void renew_speeds();
  void start_what_may(Instant now);
  // The next task to start now; what comes too late ends as dropped.
  bool take_next(QueuedTask& queued);
  void start(QueuedTask& queued);
  void end_first(Group& group);

  ServiceModel model_;
  TaskQueue queues_;
  bool drop_late_;
  Instant as_of_{};            // where the clocks stand
  std::vector<Group> groups_;  // the others, and the hungry ones of each memory domain
  std::size_t running_count_ = 0;
  DomainCores domains_;
  RunningClasses classes_;
  Duration started_{0};  // the starts of what runs, added up
  Duration ended_busy_{0};
  std::uint64_t next_sequence_ = 0;
  std::vector<Ended> ended_;  // not taken yet
  DurationHistogram lateness_;
};

}  // namespace weir
