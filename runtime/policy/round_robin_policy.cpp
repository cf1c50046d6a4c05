#include "runtime/policy/round_robin_policy.hpp"

#include "runtime/base/check.hpp"

namespace weir {

RoundRobinPolicy::RoundRobinPolicy(RankId home) : next_(static_cast<std::size_t>(home.value())) {}

RankId RoundRobinPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  for (std::size_t tried = 0; tried < cluster.nodes.size(); ++tried) {
    const NodeView& node = cluster.nodes[next_ % cluster.nodes.size()];
    next_ = (next_ + 1) % cluster.nodes.size();
    if (capacity(node) > 0) return node.rank;
  }
  WEIR_CHECK(false, "no node with capacity to choose from");
  return kNoRank;
}

}  // namespace weir
