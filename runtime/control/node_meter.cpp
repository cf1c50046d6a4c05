#include "runtime/control/node_meter.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// What a class costs here changes slowly: the mean of the first tasks, then an exponential one,
// with an error of 4 % where C2 = 4.
constexpr double kLeastClassGain = 1.0 / 1024;
// How fast the node is at the moment changes sooner, and shows in the tasks of all classes
// together.
constexpr double kPaceGain = 1.0 / 256;
// A mean of fewer tasks of a class is no measure of their pace.
constexpr std::uint64_t kTasksBeforePace = 256;

}  // namespace

NodeMeter::NodeMeter(RankId self, const NodeMeterOptions& options, const Executor& executor,
                     Telemetry& telemetry)
    : self_(self), options_(options), executor_(executor), telemetry_(telemetry) {
  WEIR_CHECK(options.class_count >= 0 && options.class_count <= kMaxClasses, "too many classes");
}

void NodeMeter::on_ended(ClassId task_class, Duration service) {
  PerClass& c = classes_[task_class.value()];
  ++c.completed;
  ++ended_;
  const double service_s = to_seconds(service);
  const double gain = std::max(kLeastClassGain, 1.0 / static_cast<double>(c.completed));
  c.mean_service_s += gain * (service_s - c.mean_service_s);
  if (c.completed <= kTasksBeforePace || c.mean_service_s <= 0) return;
  pace_ += kPaceGain * (service_s / c.mean_service_s - pace_);
}

bool NodeMeter::changed(Instant now) const {
  if (sequence_ == 0 || ended_ != reported_ended_) return true;
  const ExecutorCounts counts = executor_.counts(now);
  return counts.queued != reported_queued_ || counts.running != reported_running_ ||
         worker_count() != reported_workers_;
}

NodeReport NodeMeter::report(Instant now) {
  const ExecutorLoad load = executor_.load(now);
  NodeReport report;
  report.node = self_;
  report.sequence = ++sequence_;
  report.made = now;
  report.worker_count = worker_count();
  report.speed = options_.speed;
  const double elapsed_s = to_seconds(now - last_report_) * report.worker_count;
  if (elapsed_s > 0) {
    report.busy_share = std::clamp(to_seconds(load.busy - last_busy_) / elapsed_s, 0.0, 1.0);
  }
  report.classes.resize(options_.class_count);
  for (int i = 0; i < options_.class_count; ++i) {
    const PerClass& c = classes_[i];
    report.classes[i] = {load.classes[i].queued, load.classes[i].running, c.arrived, c.completed,
                         c.mean_service_s * pace_};
  }
  report.telemetry = telemetry_.sample(now);
  last_report_ = now;
  last_busy_ = load.busy;
  reported_ended_ = ended_;
  reported_queued_ = load.queued;
  reported_running_ = load.running;
  reported_workers_ = report.worker_count;
  return report;
}

}  // namespace weir
