#include "runtime/policy/heterogeneity_aware_policy.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "runtime/base/check.hpp"
#include "runtime/policy/node_costs.hpp"
#include "runtime/policy/query_mix.hpp"

namespace weir {
namespace {

constexpr double kMixLoadStep = 0.05;
constexpr double kLeastMixLoad = 0.05;
constexpr double kMostMixLoad = 0.97;
// The search is over one number per group. More kinds of nodes than this share groups with their
// neighbours in speed.
constexpr std::size_t kMostGroups = 6;

}  // namespace

HeterogeneityAwarePolicy::HeterogeneityAwarePolicy(HeterogeneityAwareOptions options, Random random)
    : options_(options), random_(random) {
  WEIR_CHECK(options_.asked_nodes > 0, "nobody is asked");
}

RankId HeterogeneityAwarePolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  if (++next_to_compare_ >= capacities_.size()) next_to_compare_ = 0;
  const double load = std::clamp(load_.load(), kLeastMixLoad, kMostMixLoad);
  if (capacities_.size() != cluster.nodes.size() || std::abs(load - mix_load_) >= kMixLoadStep ||
      !is_current(cluster, next_to_compare_)) {
    mix_load_ = load;
    rebuild(cluster);
  }

  const NodeView* best = nullptr;
  bool best_is_idle = false;
  double least = 0;
  for (int i = 0; i < options_.asked_nodes; ++i) {
    const NodeView& node = cluster.nodes[draw(cluster)];
    const double tasks = estimated_tasks(node, cluster.dispatcher_count, options_.own_weight);
    const bool is_idle = has_free_core(node, tasks);
    const double cost = is_idle                   ? 1 / node.speed
                        : options_.shortest_queue ? load_cost(node, tasks + 1)
                                                  : i;
    const bool is_better = is_idle != best_is_idle ? is_idle : cost < least;
    if (best != nullptr && !is_better) continue;
    best = &node;
    best_is_idle = is_idle;
    least = cost;
  }
  return best->rank;
}

bool HeterogeneityAwarePolicy::is_current(const ClusterView& cluster, std::size_t position) const {
  return capacities_[position] == capacity(cluster.nodes[position]);
}

std::size_t HeterogeneityAwarePolicy::draw(const ClusterView& cluster) {
  const auto drawn = [&] {
    const double point = random_.uniform();
    const auto group =
        std::ranges::find_if(groups_, [&](const Group& each) { return point < each.query_up_to; });
    return std::size_t{by_speed_[group->first + random_.below(group->count)]};
  };
  const std::size_t position = drawn();
  if (is_current(cluster, position)) return position;
  rebuild(cluster);
  return drawn();
}

void HeterogeneityAwarePolicy::rebuild(const ClusterView& cluster) {
  capacities_.clear();
  by_speed_.clear();
  for (const NodeView& node : cluster.nodes) {
    if (capacity(node) > 0) by_speed_.push_back(static_cast<std::uint32_t>(capacities_.size()));
    capacities_.push_back(capacity(node));
  }
  WEIR_CHECK(!by_speed_.empty(), "no node with capacity to choose from");
  const auto kind = [&](std::uint32_t position) {
    const NodeView& node = cluster.nodes[position];
    return std::tuple(-node.speed, -node.cores);
  };
  std::ranges::sort(by_speed_, [&](std::uint32_t a, std::uint32_t b) {
    return std::tuple(kind(a), a) < std::tuple(kind(b), b);
  });

  groups_.clear();
  std::size_t kinds = 1;
  for (std::size_t i = 1; i < by_speed_.size(); ++i) {
    if (kind(by_speed_[i]) != kind(by_speed_[i - 1])) ++kinds;
  }
  const std::size_t kinds_per_group = (kinds + kMostGroups - 1) / kMostGroups;
  std::vector<SpeedGroup> model;
  std::size_t kind_number = 0;
  for (std::size_t i = 0; i < by_speed_.size(); ++i) {
    const bool is_new_kind = i == 0 || kind(by_speed_[i]) != kind(by_speed_[i - 1]);
    if (is_new_kind && kind_number++ % kinds_per_group == 0) {
      const NodeView& node = cluster.nodes[by_speed_[i]];
      groups_.push_back({.first = i, .count = 0, .query_up_to = 0});
      model.push_back({node.speed, std::max(1, static_cast<int>(std::lround(node.cores))), 0});
    }
    ++groups_.back().count;
    ++model.back().nodes;
  }
  const std::vector<double> mix = best_query_mix(model, mix_load_, options_.asked_nodes);
  double sum = 0;
  for (std::size_t g = 0; g < groups_.size(); ++g) groups_[g].query_up_to = sum += mix[g];
  groups_.back().query_up_to = 1;  // Whatever rounding left.
}

}  // namespace weir
