// What a node tells the others about itself: arrivals, completions and measured service times per
// class, and what its telemetry says.

#pragma once

#include <array>
#include <cstdint>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/environment/executor.hpp"
#include "runtime/environment/telemetry.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct NodeMeterOptions {
  double speed = 1;        // nominal, relative to the other nodes
  int class_count = 1;     // classes above it are not reported
  bool runs_tasks = true;  // else it reports no workers, so that no rule chooses it
};

class NodeMeter {
 public:
  NodeMeter(RankId self, const NodeMeterOptions& options, const Executor& executor,
            Telemetry& telemetry);

  void on_arrived(ClassId task_class) { ++classes_[task_class.value()].arrived; }
  void on_ended(ClassId task_class, Duration service);

  bool has_reported() const { return sequence_ > 0; }
  // Something a reader would care about has changed since the last report.
  bool changed(Instant now) const;

  NodeReport report(Instant now);

 private:
  std::uint32_t worker_count() const {
    return options_.runs_tasks ? static_cast<std::uint32_t>(executor_.worker_count()) : 0;
  }

  struct PerClass {
    std::uint64_t arrived = 0;
    std::uint64_t completed = 0;
    double mean_service_s = 0;  // over a long time
  };

  RankId self_;
  NodeMeterOptions options_;
  const Executor& executor_;
  Telemetry& telemetry_;
  std::array<PerClass, kMaxClasses> classes_{};
  double pace_ = 1;  // of late, what tasks of all classes take over their long-time means
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
