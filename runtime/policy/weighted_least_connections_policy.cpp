#include "runtime/policy/weighted_least_connections_policy.hpp"

#include "runtime/policy/cheapest_node.hpp"

namespace weir {

WeightedLeastConnectionsPolicy::WeightedLeastConnectionsPolicy(
    WeightedLeastConnectionsOptions options)
    : options_(options) {}

RankId WeightedLeastConnectionsPolicy::place(const TaskView& task, const ClusterView& cluster) {
  if (!options_.class_aware) {
    return cheapest_node(cluster, [&](const NodeView& node) {
      return (estimated_tasks(node, cluster.dispatcher_count) + 1) / capacity(node);
    });
  }
  const double work_s = mean_work_s(cluster, task.task_class);
  return cheapest_node(cluster, [&](const NodeView& node) {
    return (estimated_tasks(node, cluster.dispatcher_count) + 1) *
           expected_service_s(node, task.task_class, work_s) / node.cores;
  });
}

}  // namespace weir
