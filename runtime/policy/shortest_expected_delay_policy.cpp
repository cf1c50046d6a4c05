#include "runtime/policy/shortest_expected_delay_policy.hpp"

#include "runtime/policy/cheapest_node.hpp"
#include "runtime/policy/node_costs.hpp"

namespace weir {

ShortestExpectedDelayPolicy::ShortestExpectedDelayPolicy(ShortestExpectedDelayOptions options)
    : options_(options) {}

RankId ShortestExpectedDelayPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const NodeServices service(task, cluster, options_.speeds);
  return cheapest_node(cluster, [&](const NodeView& node) {
    const double tasks = estimated_tasks(node, cluster.dispatcher_count, options_.own_weight);
    return delay_cost(node, tasks, service(node));
  });
}

}  // namespace weir
