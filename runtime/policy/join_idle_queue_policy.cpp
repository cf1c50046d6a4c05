#include "runtime/policy/join_idle_queue_policy.hpp"

namespace weir {

JoinIdleQueuePolicy::JoinIdleQueuePolicy(Random random) : sampler_(NodeWeight::kCapacity, random) {}

RankId JoinIdleQueuePolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  const RankId idle = tokens_.take(cluster);
  return idle != kNoRank ? idle : cluster.nodes[sampler_.draw(cluster)].rank;
}

void JoinIdleQueuePolicy::on_token(RankId node) { tokens_.add(node); }

}  // namespace weir
