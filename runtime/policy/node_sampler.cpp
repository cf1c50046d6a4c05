#include "runtime/policy/node_sampler.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

NodeSampler::NodeSampler(NodeWeight weight, Random random, Reshape reshape)
    : weight_(weight), random_(random), reshape_(std::move(reshape)) {}

std::size_t NodeSampler::draw(const ClusterView& cluster) {
  if (weights_.size() != cluster.nodes.size()) rebuild(cluster);
  if (++next_to_compare_ >= weights_.size()) next_to_compare_ = 0;
  if (!is_current(cluster, next_to_compare_)) rebuild(cluster);

  const std::size_t drawn = table_->draw(random_);
  if (is_current(cluster, drawn)) return drawn;
  rebuild(cluster);
  return table_->draw(random_);
}

double NodeSampler::weight_of(const NodeView& node) const {
  const double weight = capacity(node);
  return weight_ == NodeWeight::kCapacity ? weight : weight > 0 ? 1 : 0;
}

bool NodeSampler::is_current(const ClusterView& cluster, std::size_t node) const {
  return weights_[node] == weight_of(cluster.nodes[node]);
}

void NodeSampler::rebuild(const ClusterView& cluster) {
  weights_.clear();
  for (const NodeView& node : cluster.nodes) weights_.push_back(weight_of(node));
  drawable_nodes_ = weights_.size() - static_cast<std::size_t>(std::ranges::count(weights_, 0.0));
  WEIR_CHECK(drawable_nodes_ > 0, "no node with capacity to choose from");
  if (!reshape_) {
    table_.emplace(weights_);
    return;
  }
  std::vector<double> reshaped = weights_;
  reshape_(reshaped);
  table_.emplace(reshaped);
}

}  // namespace weir
