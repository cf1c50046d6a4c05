#include "runtime/policy/idle_tokens.hpp"

namespace weir {

void IdleTokens::add(RankId node) {
  if (nodes_.size() == kMaxTokens) nodes_.pop_front();
  nodes_.push_back(node);
}

RankId IdleTokens::take(const ClusterView& cluster) {
  while (!nodes_.empty()) {
    const RankId node = nodes_.front();
    nodes_.pop_front();
    const auto position = static_cast<std::size_t>(node.value());
    if (position < cluster.nodes.size() && capacity(cluster.nodes[position]) > 0) return node;
  }
  return kNoRank;
}

}  // namespace weir
