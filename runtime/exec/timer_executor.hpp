// Runs tasks without computing: each occupies a virtual core for its service time. No threads and
// no clock, so it serves emulated nodes in real time and the simulator alike.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/histogram.hpp"
#include "runtime/base/time.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/exec/domain_cores.hpp"
#include "runtime/exec/service_model.hpp"
#include "runtime/exec/task_queue.hpp"

namespace weir {

// A core that becomes free takes its next task at the scheduled end of the one before, however late
// that is noticed; so lateness delays reports, but never costs capacity. `now` must not go back
// from call to call. O(log cores) per task. All kinds are alike, immediate ones too, and results
// are empty.
class TimerExecutor final : public Executor {
 public:
  explicit TimerExecutor(ServiceModel model, const QueueOptions& queue = {});

  int worker_count() const override { return model_.cores(); }
  std::vector<int> memory_domain_sizes() const override { return domains_.sizes(); }
  void enqueue(std::vector<Task> tasks, Instant now) override;
  // Those whose scheduled end is not after `now`, ordered by scheduled end.
  void take_ended(Instant now, std::vector<TaskEnd>& ended) override;
  // Tasks that have started by the last enqueue or take_ended are not taken.
  std::vector<Task> take_back(std::size_t most, ClassMask of = kAllClasses) override;
  void set_class_limits(const ClassLimits& limits, Instant now) override;
  // As of the last enqueue or take_ended, except `busy`, which counts to `now`.
  ExecutorLoad load(Instant now) const override;
  ExecutorCounts counts(Instant) const override {
    return {static_cast<std::uint32_t>(queues_.size()),
            static_cast<std::uint32_t>(running_.size())};
  }
  void append_running(std::vector<RunningTask>& running) const override;
  SpawnCounts spawn_counts() const override { return {}; }
  Instant next_end() const override;

  // How long after their scheduled ends tasks were taken. What a run reports is void when this is
  // not small against the service times.
  const DurationHistogram& lateness() const { return lateness_; }
  const ServiceModel& model() const { return model_; }

 private:
  struct Running {
    Instant ends{};
    std::uint64_t sequence = 0;  // of the start: breaks ties
    std::uint32_t core = 0;      // where its end lies in ends_, so that the heap moves little
    std::uint32_t domain = 0;
  };
  struct Ended {
    Instant at{};
    TaskEnd end;
  };
  static bool ends_later(const Running& a, const Running& b);

  void start_what_may(Instant at);
  // Plays everything up to `now`: ends, and the starts that follow them.
  void advance(Instant now);
  void start(QueuedTask& queued, Instant at);
  // The next task to start at that time; what comes too late ends as dropped.
  bool take_next(QueuedTask& queued, Instant at);
  Duration busy_of_running(Instant now) const;

  ServiceModel model_;
  TaskQueue queues_;
  bool drop_late_;
  DomainCores domains_;
  RunningClasses classes_;
  std::vector<Running> running_;  // a heap, the earliest end first
  std::vector<TaskEnd> ends_;     // of what runs, by core
  std::vector<std::uint32_t> free_cores_;
  Duration started_{0};  // the starts of what runs, added up
  Instant last_start_{};
  std::uint64_t next_sequence_ = 0;
  std::vector<Ended> ended_;  // not taken yet
  Duration ended_busy_{0};
  DurationHistogram lateness_;
};

}  // namespace weir
