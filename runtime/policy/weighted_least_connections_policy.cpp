#include "runtime/policy/weighted_least_connections_policy.hpp"

#include "runtime/policy/fastest_idle.hpp"

namespace weir {

WeightedLeastConnectionsPolicy::WeightedLeastConnectionsPolicy(
    WeightedLeastConnectionsOptions options)
    : options_(options) {}

RankId WeightedLeastConnectionsPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const NodeServices service(task, cluster, options_.speeds);
  return least_waiting_node(cluster, service, [&](const NodeView& node) {
    return estimated_tasks(node, cluster.dispatcher_count, options_.own_weight);
  });
}

}  // namespace weir
