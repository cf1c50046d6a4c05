#include "runtime/control/home_guide.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace weir {
namespace {

float share_of(const std::vector<float>& shares, std::size_t task_class) {
  return task_class < shares.size() ? shares[task_class] : 0;
}

// Spreads the share of a cluster over those of its nodes that this home sees.
void add_entries(const EntryCluster& cluster, std::size_t task_class, std::vector<float>& weights) {
  const auto planned = [task_class](const EntryNode& node) {
    return task_class < node.weights.size() ? node.weights[task_class] : 0;
  };
  const auto capacity = [](const EntryNode& node) {
    return static_cast<float>(node.report.worker_count * node.report.speed);
  };
  float planned_sum = 0;
  float capacity_sum = 0;
  for (const EntryNode& node : cluster.nodes) {
    planned_sum += planned(node);
    capacity_sum += capacity(node);
  }
  const float sum = planned_sum > 0 ? planned_sum : capacity_sum;
  if (sum <= 0) return;
  const float share = share_of(cluster.shares, task_class);
  for (const EntryNode& node : cluster.nodes) {
    const float weight = planned_sum > 0 ? planned(node) : capacity(node);
    weights[static_cast<std::size_t>(node.report.node.value())] += share * weight / sum;
  }
}

}  // namespace

HomeGuide::HomeGuide(const TreePlace& place)
    : cluster_(place.cluster), has_others_(place.has_others) {}

void HomeGuide::on_directive(Directive directive, Instant now) {
  own_expires_ = now + directive.lifetime;
  own_ = std::move(directive);
}

void HomeGuide::on_outlook(Outlook outlook, Instant now) {
  outlook_expires_ = now + outlook.lifetime;
  outlook_ = std::move(outlook);
}

Instant HomeGuide::expires() const {
  return has_others_ ? std::min(own_expires_, outlook_expires_) : own_expires_;
}

std::optional<Directive> HomeGuide::directive(const ClusterState& cluster, Instant now) const {
  if (now >= expires()) return std::nullopt;
  if (!has_others_) return own_;
  Directive combined{.lifetime = expires() - now, .weights = {}, .prices = {}};
  const auto rank_count = static_cast<std::size_t>(cluster.node_count());
  combined.weights.resize(std::max(own_.weights.size(), outlook_.own_shares.size()));
  for (std::size_t i = 0; i < combined.weights.size(); ++i) {
    std::vector<float>& weights = combined.weights[i];
    weights.assign(rank_count, 0);
    add_own(cluster, i, weights);
    for (const EntryCluster& other : outlook_.others) add_entries(other, i, weights);
  }
  combined.log_prices = log_prices(rank_count);
  if (own_.prices.empty()) return combined;
  combined.prices.assign(rank_count, 0);
  for (std::size_t i = 0; i < std::min(own_.prices.size(), cluster_.size()); ++i) {
    combined.prices[static_cast<std::size_t>(cluster_[i].value())] = own_.prices[i];
  }
  for (const EntryCluster& other : outlook_.others) {
    for (const EntryNode& node : other.nodes) {
      combined.prices[static_cast<std::size_t>(node.report.node.value())] = node.price;
    }
  }
  return combined;
}

std::vector<std::vector<float>> HomeGuide::log_prices(std::size_t rank_count) const {
  std::size_t class_count = own_.log_prices.size();
  for (const EntryCluster& other : outlook_.others) {
    for (const EntryNode& node : other.nodes) {
      class_count = std::max(class_count, node.log_prices.size());
    }
  }
  std::vector<std::vector<float>> all(class_count, std::vector<float>(rank_count, 0));
  for (std::size_t k = 0; k < own_.log_prices.size(); ++k) {
    const std::vector<float>& own = own_.log_prices[k];
    for (std::size_t i = 0; i < std::min(own.size(), cluster_.size()); ++i) {
      all[k][static_cast<std::size_t>(cluster_[i].value())] = own[i];
    }
  }
  for (const EntryCluster& other : outlook_.others) {
    for (const EntryNode& node : other.nodes) {
      const auto rank = static_cast<std::size_t>(node.report.node.value());
      for (std::size_t k = 0; k < node.log_prices.size(); ++k) all[k][rank] = node.log_prices[k];
    }
  }
  return all;
}

void HomeGuide::add_own(const ClusterState& cluster, std::size_t task_class,
                        std::vector<float>& weights) const {
  std::vector<float> within(cluster_.size(), 0);
  if (task_class < own_.weights.size() && own_.weights[task_class].size() == within.size()) {
    within = own_.weights[task_class];
  }
  float sum = std::accumulate(within.begin(), within.end(), 0.0F);
  if (sum <= 0) {
    for (std::size_t i = 0; i < within.size(); ++i) {
      within[i] = static_cast<float>(capacity(cluster.node(cluster_[i])));
    }
    sum = std::accumulate(within.begin(), within.end(), 0.0F);
  }
  if (sum <= 0) return;
  const float share = share_of(outlook_.own_shares, task_class);
  for (std::size_t i = 0; i < within.size(); ++i) {
    weights[static_cast<std::size_t>(cluster_[i].value())] = share * within[i] / sum;
  }
}

}  // namespace weir
