#include "runtime/policy/observed_policy.hpp"

namespace weir {

RankId ObservedPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const RankId chosen = ForwardingPolicy::place(task, cluster);
  observer_.on_placed(task, cluster, chosen);
  return chosen;
}

void ObservedPolicy::reserve(const TaskView& task, const ClusterView& cluster,
                             std::vector<RankId>& nodes) {
  ForwardingPolicy::reserve(task, cluster, nodes);
  observer_.on_placed(task, cluster, nodes.front());
}

}  // namespace weir
