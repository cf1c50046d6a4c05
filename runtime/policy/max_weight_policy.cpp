#include "runtime/policy/max_weight_policy.hpp"

#include <cmath>

#include "runtime/policy/fastest_idle.hpp"

namespace weir {

MaxWeightPolicy::MaxWeightPolicy(MaxWeightOptions options) : options_(options) {}

RankId MaxWeightPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const auto waiting = [&](const NodeView& node) {
    const double tasks = estimated_tasks(node, cluster.dispatcher_count, options_.own_weight);
    return tasks + 1 - node.cores;
  };
  const NodeServices of_class(task, cluster, SpeedBasis::kClass);
  const RankId idle = fastest_idle_node(cluster, of_class,
                                        [&](const NodeView& node) { return waiting(node) <= 0; });
  if (idle != kNoRank) return idle;

  const NodeServices of_all(task, cluster, SpeedBasis::kMeasured);
  return cheapest_node(cluster, [&](const NodeView& node) {
    const double backlog = waiting(node) * of_all(node) / node.cores;
    const double weight = options_.exponent == 1 ? backlog : std::pow(backlog, options_.exponent);
    return of_class(node) * weight;
  });
}

}  // namespace weir
