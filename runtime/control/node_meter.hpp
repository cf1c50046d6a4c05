// What a node knows and tells the others about itself: arrivals, completions and measured service
// times per class, how many of a class it should run at once, and what its telemetry says.

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/contention_estimator.hpp"
#include "runtime/control/speed_regime.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/environment/telemetry.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct NodeMeterOptions {
  double speed = 1;        // nominal, relative to the other nodes
  int class_count = 1;     // classes above it are not reported
  bool runs_tasks = true;  // else it reports no workers, so that no rule chooses it
  // Whether the node tells a slow state from a normal one (speed_regime), in place of a mean over
  // its last tasks.
  bool detects_regime = false;
  // Whether it looks for contention (contention_estimator).
  bool finds_limits = false;
};

// Since the begin of the run.
struct ServedTasks {
  std::uint64_t count = 0;
  double work_s = 0;  // worker seconds, times the nominal speed
};

class NodeMeter {
 public:
  NodeMeter(RankId self, const NodeMeterOptions& options, const Executor& executor,
            Telemetry& telemetry);

  void on_arrived(ClassId task_class) { ++classes_[task_class.value()].arrived; }
  // `running_alike` as in TaskEnd.
  void on_ended(ClassId task_class, Duration service, std::uint32_t running_alike = 0);
  ServedTasks served(ClassId task_class) const {
    const PerClass& c = classes_[task_class.value()];
    return {c.completed, c.services_s * options_.speed};
  }
  // Where the node tells its state: after on_ended() was called for all that has ended.
  void look_at_running(Instant now);

  // How many times longer tasks take now than usual.
  double slowness() const { return options_.detects_regime ? regime_.slowness() : pace_; }
  // More probably than not, the node is in its slow state.
  bool is_slow() const { return options_.detects_regime && regime_.probability() > 0.5; }
  // What tasks of the class took of late over the mean of the class here; one while that is not
  // known. Of a node that finds limits.
  double pace(ClassId task_class) const { return classes_[task_class.value()].pace; }

  // How many tasks of the class the node can run at once, as it should, by measured contention and
  // as corrected; zero: any number. And how many to let run for now in each memory domain, so that
  // more is learned.
  std::uint32_t running_limit(ClassId task_class) const;
  std::uint32_t limit_to_try(ClassId task_class) const;
  // As found, in each memory domain.
  std::uint32_t domain_limit(ClassId task_class) const;
  // By how many workers of a domain the node goes beyond that from now on (limit_offsets): reports
  // tell what holds.
  void correct_limit(ClassId task_class, std::int32_t offset) {
    classes_[task_class.value()].limit_offset = offset;
  }
  // Of tasks that are compared with each other, to find that out.
  std::uint64_t block_number() const { return block_number_; }
  // What this node has found about it that it has not told yet, and what the whole job has found.
  bool has_contention_news() const { return block_number_ != told_block_; }
  ContentionReport contention_report();
  void on_contention(const ContentionOutlook& outlook);

  bool has_reported() const { return sequence_ > 0; }
  // Something a reader would care about has changed since the last report.
  bool changed(Instant now) const;

  NodeReport report(Instant now);
  // What a report would say of the classes.
  std::vector<ClassLoad> class_loads(const ExecutorLoad& load) const;
  std::uint32_t worker_count() const {
    return options_.runs_tasks ? static_cast<std::uint32_t>(executor_.worker_count()) : 0;
  }

 private:
  struct PerClass {
    std::uint64_t arrived = 0;
    std::uint64_t completed = 0;
    double services_s = 0;      // of those, added up
    double mean_service_s = 0;  // over a long time; of the normal state, where that is told
    double square_service_s2 = 0;
    std::uint64_t learned = 0;  // tasks in those two
    std::uint32_t limit = 0;    // as last seen
    double ages_s = 0;          // of what runs, while little is known
    std::int32_t limit_offset = 0;
    double pace = 1;
    // Of the current block, and what they took over the mean.
    double block_count = 0;
    double block_services = 0;
  };

  void learn_normal_state(std::size_t task_class, double service_s);
  void notice_limit(std::size_t task_class);
  void forget_contention_of_others(std::size_t task_class);
  ContentionEstimator new_contention_estimator() const;
  // Whether its mean is good enough to tell states by; and its sizes relative to that.
  static bool is_measured(const PerClass& c);
  static SizeModel sizes_of(const PerClass& c);
  double mean_service_to_tell(std::size_t task_class) const;
  void sum_ages(Instant now);
  void look_for_contention(std::size_t task_class, double service_s, std::uint32_t running_alike);

  RankId self_;
  NodeMeterOptions options_;
  const Executor& executor_;
  Telemetry& telemetry_;
  std::vector<int> domain_sizes_;
  std::array<PerClass, kMaxClasses> classes_{};
  double pace_ = 1;  // of late, what tasks of all classes take over their long-time means
  SpeedRegime regime_;
  bool has_looked_ = false;
  Instant last_look_{};
  std::vector<RunningTask> running_;
  std::vector<ContentionEstimator> contention_;  // by class
  std::uint32_t block_size_ = 0;
  std::uint64_t block_number_ = 0;
  std::uint64_t told_block_ = 0;
  std::array<ContentionSums, kMaxClasses> told_contention_{};
  std::uint32_t sequence_ = 0;
  Instant last_report_{};
  Duration last_busy_{0};
  std::uint64_t ended_ = 0;
  std::uint64_t reported_ended_ = 0;
  std::uint32_t reported_queued_ = 0;
  std::uint32_t reported_running_ = 0;
  std::uint32_t reported_workers_ = 0;
};

}  // namespace weir
