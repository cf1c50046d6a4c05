#include "runtime/policy/shortest_expected_delay_policy.hpp"

#include <algorithm>

#include "runtime/policy/cheapest_node.hpp"

namespace weir {

ShortestExpectedDelayPolicy::ShortestExpectedDelayPolicy(ShortestExpectedDelayOptions options)
    : options_(options) {}

RankId ShortestExpectedDelayPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const NodeServices service(task, cluster, options_.speeds);
  return cheapest_node(cluster, [&](const NodeView& node) {
    const double waiting = std::max(
        0.0, estimated_tasks(node, cluster.dispatcher_count, options_.own_weight) + 1 - node.cores);
    return service(node) * (1 + waiting / node.cores);
  });
}

}  // namespace weir
