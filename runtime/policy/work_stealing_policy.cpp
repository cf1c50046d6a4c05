#include "runtime/policy/work_stealing_policy.hpp"

#include <cstddef>

#include "runtime/policy/cheapest_node.hpp"
#include "runtime/policy/node_costs.hpp"

namespace weir {

RankId WorkStealingPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  const auto home = static_cast<std::size_t>(cluster.self.value());
  if (home < cluster.nodes.size() && capacity(cluster.nodes[home]) > 0) return cluster.self;
  return cheapest_node(
      cluster, [](const NodeView& node) { return load_cost(node, node.own_in_flight + 1.0); });
}

}  // namespace weir
