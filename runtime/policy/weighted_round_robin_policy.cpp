#include "runtime/policy/weighted_round_robin_policy.hpp"

#include "runtime/base/check.hpp"

namespace weir {

WeightedRoundRobinPolicy::WeightedRoundRobinPolicy(RankId home) : home_(home) {}

RankId WeightedRoundRobinPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  if (credits_.size() != cluster.nodes.size()) {
    credits_.assign(cluster.nodes.size(), 0);
    for (int i = 0; i < home_.value(); ++i) choose(cluster);
  }
  return cluster.nodes[choose(cluster)].rank;
}

std::size_t WeightedRoundRobinPolicy::choose(const ClusterView& cluster) {
  const std::size_t none = cluster.nodes.size();
  std::size_t best = none;
  double total = 0;
  for (std::size_t i = 0; i < cluster.nodes.size(); ++i) {
    const double weight = capacity(cluster.nodes[i]);
    if (weight <= 0) {
      credits_[i] = 0;  // A node that returns owes nothing and is owed nothing.
      continue;
    }
    total += weight;
    credits_[i] += weight;
    if (best == none || credits_[i] > credits_[best]) best = i;
  }
  WEIR_CHECK(best != none, "no node with capacity to choose from");
  credits_[best] -= total;
  return best;
}

}  // namespace weir
