#include "runtime/policy/join_idle_queue_class_aware_policy.hpp"

#include <algorithm>
#include <limits>

#include "runtime/policy/fastest_idle.hpp"

namespace weir {

JoinIdleQueueClassAwarePolicy::JoinIdleQueueClassAwarePolicy(Random random) : random_(random) {}

RankId JoinIdleQueueClassAwarePolicy::place(const TaskView& task, const ClusterView& cluster) {
  if (tokens_.size() < cluster.nodes.size()) tokens_.resize(cluster.nodes.size());
  const NodeServices service(task, cluster, SpeedBasis::kClass);
  const auto tokens = [&](const NodeView& node) -> std::uint32_t& {
    return tokens_[static_cast<std::size_t>(node.rank.value())];
  };
  const RankId idle =
      fastest_idle_node(cluster, service, [&](const NodeView& node) { return tokens(node) > 0; });
  if (idle != kNoRank) {
    // A node cannot have more idle workers than workers: tokens beyond that are out of date.
    const NodeView& node = cluster.nodes[static_cast<std::size_t>(idle.value())];
    tokens(node) = std::min(tokens(node), std::max(1U, static_cast<std::uint32_t>(node.cores))) - 1;
    return idle;
  }
  draw_.clear();
  for (const NodeView& node : cluster.nodes) {
    draw_.add(capacity(node) > 0 ? node.cores / service(node) : 0);
  }
  return cluster.nodes[draw_.draw(random_)].rank;
}

void JoinIdleQueueClassAwarePolicy::on_token(RankId node) {
  const auto position = static_cast<std::size_t>(node.value());
  if (position >= tokens_.size()) tokens_.resize(position + 1);
  ++tokens_[position];
}

}  // namespace weir
