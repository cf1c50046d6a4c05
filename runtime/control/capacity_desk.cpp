#include "runtime/control/capacity_desk.hpp"

#include <algorithm>

#include "runtime/control/capacity_split.hpp"

namespace weir {
namespace {

void add(const CapacityReport::OfClass& part, CapacityReport::OfClass& sum) {
  sum.submitted += part.submitted;
  sum.in_flight += part.in_flight;
  sum.running += part.running;
  sum.served += part.served;
  sum.work_s += part.work_s;
  // Homes of one stream have heard of the same events.
  if (part.event_in_s && (!sum.event_in_s || *part.event_in_s < *sum.event_in_s)) {
    sum.event_in_s = part.event_in_s;
  }
}

}  // namespace

CapacityDesk::CapacityDesk(const CoordinatorRole& role, const CapacityPlannerOptions& options,
                           DemandForecaster* forecaster, CapacityAdviser* adviser)
    : role_(role), newest_(role.children.size()), heard_(role.children.size()) {
  if (role.parent == kNoRank) planner_.emplace(options, forecaster, adviser);
}

void CapacityDesk::on(const CapacityReport& report, std::size_t position, Instant now) {
  heard_[position] = now;
  if (report.sequence <= newest_[position].sequence) return;
  newest_[position] = report;
  if (gathered_at_ < kNever) return;
  gathered_at_ = has_told_ ? std::max(now, last_told_ + kInterval) : now + kGather;
}

void CapacityDesk::on(const CapacityOrder& order, Instant now, Out& out) {
  if (order.sequence <= orders_) return;
  orders_ = order.sequence;
  pass_on(order, now, out);
}

void CapacityDesk::tell(Instant now, Out& out) {
  gathered_at_ = kNever;
  has_told_ = true;
  last_told_ = now;
  CapacityReport sum = sum_of_reports(now);
  if (planner_) {
    pass_on({++orders_, planner_->plan(sum)}, now, out);
    return;
  }
  sum.sequence = ++reports_;
  out.push_back({role_.parent, role_.level + 1, std::move(sum)});
}

bool CapacityDesk::is_there(std::size_t position, Instant now) const {
  return newest_[position].sequence > 0 && now - heard_[position] <= kLongestSilence;
}

CapacityReport CapacityDesk::sum_of_reports(Instant now) {
  CapacityReport sum;
  for (std::size_t child = 0; child < newest_.size(); ++child) {
    CapacityReport& report = newest_[child];
    if (is_there(child, now)) {
      sum.installed += report.installed;
    } else {
      for (auto& of_class : report.classes) of_class.in_flight = of_class.running = 0;
    }
    sum.classes.resize(std::max(sum.classes.size(), report.classes.size()));
    for (std::size_t i = 0; i < report.classes.size(); ++i) {
      add(report.classes[i], sum.classes[i]);
    }
  }
  return sum;
}

void CapacityDesk::pass_on(const CapacityOrder& order, Instant now, Out& out) const {
  std::vector<double> installed;
  for (std::size_t child = 0; child < newest_.size(); ++child) {
    installed.push_back(is_there(child, now) ? newest_[child].installed : 0);
  }
  const auto parts = role_.level == 1 ? split_over_nodes(order.capacity, installed)
                                      : split_evenly(order.capacity, installed);
  for (std::size_t child = 0; child < parts.size(); ++child) {
    if (!is_there(child, now)) continue;
    out.push_back(
        {role_.children[child], role_.level - 1, CapacityOrder{order.sequence, parts[child]}});
  }
}

}  // namespace weir
