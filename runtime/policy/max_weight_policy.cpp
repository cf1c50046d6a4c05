#include "runtime/policy/max_weight_policy.hpp"

#include "runtime/policy/fastest_idle.hpp"
#include "runtime/policy/node_costs.hpp"

namespace weir {

MaxWeightPolicy::MaxWeightPolicy(MaxWeightOptions options) : options_(options) {}

RankId MaxWeightPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const auto tasks = [&](const NodeView& node) {
    return estimated_tasks(node, cluster.dispatcher_count, options_.own_weight);
  };
  const NodeServices of_class(task, cluster, SpeedBasis::kClass);
  const RankId idle = fastest_idle_node(
      cluster, of_class, [&](const NodeView& node) { return has_free_core(node, tasks(node)); });
  if (idle != kNoRank) return idle;

  const NodeServices of_all(task, cluster, SpeedBasis::kMeasured);
  return cheapest_node(cluster, [&](const NodeView& node) {
    return weighted_backlog_cost(node, tasks(node), of_class(node), of_all(node),
                                 options_.exponent);
  });
}

}  // namespace weir
