#include "runtime/policy/work_stealing_policy.hpp"

#include <cstddef>

#include "runtime/policy/cheapest_node.hpp"

namespace weir {

RankId WorkStealingPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  const auto home = static_cast<std::size_t>(cluster.self.value());
  if (home < cluster.nodes.size() && capacity(cluster.nodes[home]) > 0) return cluster.self;
  return cheapest_node(cluster, [](const NodeView& node) {
    return (static_cast<double>(node.own_in_flight) + 1) / capacity(node);
  });
}

}  // namespace weir
