#include "runtime/policy/least_outstanding_policy.hpp"

#include "runtime/policy/cheapest_node.hpp"

namespace weir {

RankId LeastOutstandingPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  return cheapest_node(cluster, [](const NodeView& node) {
    return (static_cast<double>(node.own_in_flight) + 1) / capacity(node);
  });
}

}  // namespace weir
