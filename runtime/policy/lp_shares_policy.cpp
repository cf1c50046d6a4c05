#include "runtime/policy/lp_shares_policy.hpp"

#include <limits>
#include <span>

#include "runtime/base/check.hpp"
#include "runtime/policy/fastest_idle.hpp"
#include "runtime/policy/node_costs.hpp"

namespace weir {
namespace {

constexpr double kNoShare = -std::numeric_limits<double>::infinity();

}  // namespace

LpSharesPolicy::LpSharesPolicy(const LpSharesOptions& options, Random random)
    : options_(options), random_(random) {}

RankId LpSharesPolicy::place(const TaskView& task, const ClusterView& cluster) {
  std::vector<double>& credits = credits_[task.task_class.value()];
  std::size_t chosen = most_credit(task.task_class, cluster, credits);
  if (options_.fastest_idle) chosen = fastest_idle_in_credit(task, cluster, credits, chosen);
  credits[chosen] -= 1;
  return cluster.nodes[chosen].rank;
}

// Gives each node its share of one task; the node that then has most.
std::size_t LpSharesPolicy::most_credit(ClassId task_class, const ClusterView& cluster,
                                        std::vector<double>& credits) {
  const std::size_t count = cluster.nodes.size();
  const std::span<const float> weights = task_class.value() < weights_.size()
                                             ? std::span<const float>(weights_[task_class.value()])
                                             : std::span<const float>();
  const auto position_of = [&](const NodeView& node) {
    return static_cast<std::size_t>(&node - cluster.nodes.data());
  };
  const auto advised = [&](const NodeView& node) {
    const std::size_t i = position_of(node);
    return i < weights.size() && capacity(node) > 0 ? double{weights[i]} : 0.0;
  };
  double advised_sum = 0;
  double nominal_sum = 0;
  for (const NodeView& node : cluster.nodes) {
    advised_sum += advised(node);
    nominal_sum += capacity(node);
  }
  WEIR_CHECK(nominal_sum > 0, "no node with capacity to choose from");
  const double nominal_part = advised_sum > 0 ? options_.explored_share : 1;

  // Credits are in tasks, whatever the weights add up to, and so outlive a change of weights.
  const bool begins = credits.size() != count;
  if (begins) credits.assign(count, 0);
  std::size_t best = count;
  for (const NodeView& node : cluster.nodes) {
    const std::size_t i = position_of(node);
    double share = nominal_part * capacity(node) / nominal_sum;
    if (advised_sum > 0) share += (1 - nominal_part) * advised(node) / advised_sum;
    if (share <= 0) {
      credits[i] = kNoShare;
      continue;
    }
    // A node that returns owes nothing and is owed nothing.
    if (credits[i] == kNoShare) credits[i] = 0;
    credits[i] += begins ? random_.uniform() : share;
    if (best == count || credits[i] > credits[best]) best = i;
  }
  return best;
}

// The fastest idle node that has not had too many beyond its share; `otherwise` where none is.
std::size_t LpSharesPolicy::fastest_idle_in_credit(const TaskView& task, const ClusterView& cluster,
                                                   const std::vector<double>& credits,
                                                   std::size_t otherwise) const {
  const NodeServices service(task, cluster, SpeedBasis::kClass);
  const auto position_of = [&](const NodeView& node) {
    return static_cast<std::size_t>(&node - cluster.nodes.data());
  };
  const RankId idle = fastest_idle_node(cluster, service, [&](const NodeView& node) {
    return credits[position_of(node)] >= -options_.burst &&
           is_idle_by_own_counts(node, homes_at(node, cluster), 1);
  });
  return idle == kNoRank ? otherwise : static_cast<std::size_t>(idle.value());
}

std::unique_ptr<Planner> LpSharesPolicy::make_planner(int /*level*/) const {
  return std::make_unique<LpSharePlanner>(options_.planner);
}

}  // namespace weir
