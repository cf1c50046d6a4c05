#include "runtime/policy/join_shortest_queue_policy.hpp"

#include "runtime/policy/cheapest_node.hpp"

namespace weir {

JoinShortestQueuePolicy::JoinShortestQueuePolicy(JoinShortestQueueOptions options)
    : options_(options) {}

RankId JoinShortestQueuePolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  const double own_weight = options_.own_weight * cluster.dispatcher_count;
  return cheapest_node(cluster,
                       [&](const NodeView& node) { return estimated_tasks(node, own_weight); });
}

}  // namespace weir
