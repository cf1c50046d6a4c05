#include "runtime/policy/priced_shortest_expected_delay_policy.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "runtime/policy/cheapest_node.hpp"

namespace weir {
namespace {

// The step where a node is full, in services of the task.
constexpr double kFull = 0.3;
// Without a place of its own a home takes a small node for as full as this, in tasks, whatever the
// report says; and with a place it believes the report the more, the more places it has there. Both
// by trial on a dozen mixes of nodes of 1 to 15 cores.
constexpr double kLeastExcess = 0.5;
constexpr double kPlacesToBelieve = 4;

// Tasks beyond what there is room for, this one included, as the part of `places` of the home at
// `self` says. Zero: it has room. In whole numbers, as a choice asks every node.
double excess_by_own(std::uint32_t own, double places, const NodeView& node, double homes,
                     RankId self) {
  const std::uint32_t whole_homes = homes < 1 ? 1 : static_cast<std::uint32_t>(homes + 0.5);
  const auto turn = static_cast<std::uint32_t>(node.rank.value() + self.value()) % whole_homes;
  const std::uint32_t own_places = (static_cast<std::uint32_t>(places) + turn) / whole_homes;
  return own < own_places ? 0 : static_cast<double>(whole_homes) * (own + 1 - own_places);
}

double excess_tasks(const NodeView& node, double homes, RankId self) {
  const double by_own = excess_by_own(node.own_in_flight, node.cores, node, homes, self);
  if (node.cores >= 2 * homes) return by_own;
  const double by_report = std::max(0.0, estimated_tasks(node, homes) + 1 - node.cores);
  if (by_own > 0) return std::max(kLeastExcess, by_report);
  const double belief = node.cores / homes / kPlacesToBelieve;
  return belief * belief * by_report;
}

// Of the class over its limit, relative to it.
double class_excess(const NodeView& node, ClassId task_class, double homes, RankId self) {
  const NodeView::OfClass& known = node.classes[task_class.value()];
  if (known.limit == 0) return 0;
  const std::uint32_t own = node.own_of_class[task_class.value()];
  return excess_by_own(own, known.limit, node, homes, self) / known.limit;
}

}  // namespace

PricedCost priced_cost(const NodeView& node, const PricedTask& task, double service_s, double homes,
                       double price, const PricedShortestExpectedDelayOptions& options) {
  const double memory = 1 + options.memory * class_excess(node, task.task_class, homes, task.self);
  const double excess = excess_tasks(node, homes, task.self);
  const double wait = excess > 0 ? service_s * (kFull + options.wait * excess / node.cores) : 0;
  const double cost = service_s * (1 + options.price * price) * memory + wait;
  if (task.slack == Duration::max() || options.lateness <= 0) return {memory, wait, cost};
  const double left_s = std::max(0.0, to_seconds(task.slack) - wait);
  return {memory, wait, cost + options.lateness * task.work_s * std::exp(-left_s / service_s)};
}

RankId PricedShortestExpectedDelayPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const PricedTask priced{.task_class = task.task_class,
                          .work_s = mean_work_s(cluster, task.task_class),
                          .slack = task.slack,
                          .self = cluster.self};
  return cheapest_node(cluster, [&](const NodeView& node) {
    const double service_s = expected_service_s(node, task.task_class, priced.work_s);
    return priced_cost(node, priced, service_s, homes_at(node, cluster), price_of(node), options_)
        .total_s;
  });
}

double PricedShortestExpectedDelayPolicy::price_of(const NodeView& node) const {
  const auto position = static_cast<std::size_t>(node.rank.value());
  return position < prices_.size() ? double{prices_[position]} : 0.0;
}

std::unique_ptr<Planner> PricedShortestExpectedDelayPolicy::make_planner(int /*level*/) const {
  return std::make_unique<PricePlanner>(options_.planner);
}

}  // namespace weir
