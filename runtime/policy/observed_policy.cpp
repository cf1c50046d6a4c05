#include "runtime/policy/observed_policy.hpp"

namespace weir {

RankId ObservedPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const RankId chosen = ForwardingPolicy::place(task, cluster);
  observer_.on_placed(task, cluster, chosen);
  return chosen;
}

}  // namespace weir
