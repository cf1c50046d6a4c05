#include "runtime/policy/random_policy.hpp"

namespace weir {

RandomPolicy::RandomPolicy(NodeWeight weight, Random random) : sampler_(weight, random) {}

RankId RandomPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  return cluster.nodes[sampler_.draw(cluster)].rank;
}

}  // namespace weir
