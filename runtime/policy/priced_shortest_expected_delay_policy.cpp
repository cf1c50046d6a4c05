#include "runtime/policy/priced_shortest_expected_delay_policy.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/policy/cheapest_node.hpp"

namespace weir {
namespace {

// The step where a node is full, in services of the task.
constexpr double kFull = 0.3;

// Tasks beyond what there is room for, this one included, as this home's part of `places` says.
// Zero: it has room.
double excess_by_own(double own, double places, const NodeView& node, const ClusterView& cluster) {
  const double homes = std::max(1.0, std::round(homes_at(node, cluster)));
  const double turn = std::fmod(node.rank.value() + cluster.self.value(), homes);
  const double own_places = std::floor((std::floor(places) + turn) / homes);
  return homes * std::max(0.0, own + 1 - own_places);
}

double excess_tasks(const NodeView& node, const ClusterView& cluster) {
  const double homes = homes_at(node, cluster);
  if (node.cores >= 2 * homes) {
    return excess_by_own(node.own_in_flight, node.cores, node, cluster);
  }
  return std::max(0.0, estimated_tasks(node, homes) + 1 - node.cores);
}

// Of the class over its limit, relative to it.
double class_excess(const NodeView& node, ClassId task_class, const ClusterView& cluster) {
  const NodeView::OfClass& known = node.classes[task_class.value()];
  if (known.limit == 0) return 0;
  const double own = node.own_of_class[task_class.value()];
  return excess_by_own(own, known.limit, node, cluster) / known.limit;
}

}  // namespace

RankId PricedShortestExpectedDelayPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const double work_s = mean_work_s(cluster, task.task_class);
  const double slack_s = to_seconds(task.slack);
  const bool has_deadline = task.slack != Duration::max() && options_.lateness > 0;
  return cheapest_node(cluster, [&](const NodeView& node) {
    const double service = expected_service_s(node, task.task_class, work_s);
    const double memory = 1 + options_.memory * class_excess(node, task.task_class, cluster);
    const double excess = excess_tasks(node, cluster);
    const double wait = excess > 0 ? service * (kFull + options_.wait * excess / node.cores) : 0;
    const double cost = service * (1 + options_.price * price_of(node)) * memory + wait;
    if (!has_deadline) return cost;
    const double left_s = std::max(0.0, slack_s - wait);
    return cost + options_.lateness * work_s * std::exp(-left_s / service);
  });
}

double PricedShortestExpectedDelayPolicy::price_of(const NodeView& node) const {
  const auto position = static_cast<std::size_t>(node.rank.value());
  return position < prices_.size() ? double{prices_[position]} : 0.0;
}

std::unique_ptr<Planner> PricedShortestExpectedDelayPolicy::make_planner() const {
  return std::make_unique<PricePlanner>(options_.planner);
}

}  // namespace weir
