#include "runtime/control/node_capacity.hpp"

#include <algorithm>

namespace weir {

NodeCapacity::NodeCapacity(double installed, int class_count, Executor& executor,
                           const NodeMeter& meter)
    : installed_(installed),
      executor_(executor),
      meter_(meter),
      class_count_(static_cast<std::size_t>(class_count)) {}

void NodeCapacity::on_order(const CapacityOrder& order, Instant now) {
  if (order.sequence <= newest_order_) return;
  newest_order_ = order.sequence;
  const bool is_on = order.capacity > 0;
  executor_.switch_on(is_on, now);
  silent_at_ = is_on ? kNever : now + kLongestSilence;
}

void NodeCapacity::end_silence(Instant now) {
  if (now < silent_at_) return;
  silent_at_ = kNever;
  executor_.switch_on(true, now);
}

CapacityReport NodeCapacity::report(Instant now) {
  // Seconds of equal length, however late each is noticed.
  const bool is_on_time = reports_ > 0 && now - next_report_ < kInterval;
  next_report_ = (is_on_time ? next_report_ : now) + kInterval;
  std::erase_if(rises_, [now](const AnnouncedRise& rise) { return rise.end <= now; });
  const ExecutorLoad load = executor_.load(now);
  CapacityReport report{.sequence = ++reports_, .installed = installed_, .classes = {}};
  report.classes.resize(class_count_);
  for (std::size_t i = 0; i < class_count_; ++i) {
    const ServedTasks served = meter_.served(ClassId(static_cast<std::uint8_t>(i)));
    report.classes[i] = {.submitted = submitted_[i],
                         .in_flight = submitted_[i] - completed_[i],
                         .running = load.classes[i].running,
                         .served = served.count,
                         .work_s = served.work_s};
  }
  for (const AnnouncedRise& rise : rises_) {
    auto& next = report.classes[rise.task_class.value()].event_in_s;
    const double in_s = to_seconds(rise.begin - now);
    if (!next || in_s < *next) next = in_s;
  }
  return report;
}

}  // namespace weir
