#include "runtime/policy/lp_shares_policy.hpp"

#include <limits>
#include <span>

#include "runtime/base/check.hpp"
#include "runtime/policy/fastest_idle.hpp"

namespace weir {

LpSharesPolicy::LpSharesPolicy(const LpSharesOptions& options, Random random)
    : options_(options), random_(random) {}

RankId LpSharesPolicy::place(const TaskView& task, const ClusterView& cluster) {
  if (options_.fastest_idle && random_.uniform() >= options_.explored_share) {
    const RankId idle = idle_node(task, cluster);
    if (idle != kNoRank) return idle;
  }
  return cluster.nodes[next_in_round(task, cluster)].rank;
}

std::span<const float> LpSharesPolicy::weights_of(ClassId task_class) const {
  if (task_class.value() >= weights_.size()) return {};
  return weights_[task_class.value()];
}

RankId LpSharesPolicy::idle_node(const TaskView& task, const ClusterView& cluster) const {
  const std::span<const float> weights = weights_of(task.task_class);
  const NodeServices service(task, cluster, SpeedBasis::kClass);
  return fastest_idle_node(cluster, service, [&](const NodeView& node) {
    const auto position = static_cast<std::size_t>(&node - cluster.nodes.data());
    const bool has_share = position >= weights.size() || weights[position] > 0;
    return has_share && cluster.dispatcher_count * (node.own_in_flight + 1.0) <= node.cores;
  });
}

std::size_t LpSharesPolicy::next_in_round(const TaskView& task, const ClusterView& cluster) {
  const std::size_t count = cluster.nodes.size();
  const std::span<const float> weights = weights_of(task.task_class);
  const auto advised = [&](std::size_t i) {
    return i < weights.size() && capacity(cluster.nodes[i]) > 0 ? double{weights[i]} : 0.0;
  };
  double advised_sum = 0;
  double nominal_sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    advised_sum += advised(i);
    nominal_sum += capacity(cluster.nodes[i]);
  }
  WEIR_CHECK(nominal_sum > 0, "no node with capacity to choose from");
  const double nominal_part = advised_sum > 0 ? options_.explored_share : 1;

  // Credits are in tasks, whatever the weights add up to, and so outlive a change of weights.
  auto& credits = credits_[task.task_class.value()];
  const bool begins = credits.size() != count;
  if (begins) credits.assign(count, 0);
  std::size_t best = count;
  for (std::size_t i = 0; i < count; ++i) {
    double share = nominal_part * capacity(cluster.nodes[i]) / nominal_sum;
    if (advised_sum > 0) share += (1 - nominal_part) * advised(i) / advised_sum;
    if (share <= 0) {
      credits[i] = 0;  // A node that returns owes nothing and is owed nothing.
      continue;
    }
    credits[i] += begins ? random_.uniform() : share;
    if (best == count || credits[i] > credits[best]) best = i;
  }
  credits[best] -= 1;
  return best;
}

std::unique_ptr<Planner> LpSharesPolicy::make_planner() const {
  return std::make_unique<LpSharePlanner>(options_.planner);
}

}  // namespace weir
