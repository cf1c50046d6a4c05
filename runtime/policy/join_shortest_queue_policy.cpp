#include "runtime/policy/join_shortest_queue_policy.hpp"

#include "runtime/policy/cheapest_node.hpp"

namespace weir {

JoinShortestQueuePolicy::JoinShortestQueuePolicy(JoinShortestQueueOptions options)
    : options_(options) {}

RankId JoinShortestQueuePolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  return cheapest_node(cluster, [&](const NodeView& node) {
    return estimated_tasks(node, cluster.dispatcher_count, options_.own_weight);
  });
}

}  // namespace weir
