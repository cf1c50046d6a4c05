#include "runtime/policy/first_policy_improvement_policy.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/policy/cheapest_node.hpp"

namespace weir {
namespace {

constexpr double kLoadStep = 0.01;
// Values exist for stable queues that are used at all. Near 1 they only grow by a common factor.
constexpr double kLeastLoad = 0.05;
constexpr double kMostLoad = 0.98;

}  // namespace

FirstPolicyImprovementPolicy::FirstPolicyImprovementPolicy(FirstPolicyImprovementOptions options)
    : options_(options) {}

RankId FirstPolicyImprovementPolicy::place(const TaskView& task, const ClusterView& cluster) {
  follow_load();
  values_index_.resize(cluster.nodes.size());
  const NodeServices service(task, cluster, options_.speeds);
  return cheapest_node(cluster, [&](const NodeView& node) {
    const double tasks = estimated_tasks(node, cluster.dispatcher_count, options_.own_weight);
    return service(node) * values_of(node).cost_of_joining(tasks);
  });
}

void FirstPolicyImprovementPolicy::follow_load() {
  const double load = std::clamp(load_.load(), kLeastLoad, kMostLoad);
  if (std::abs(load - values_load_) < kLoadStep) return;
  values_load_ = load;
  values_.clear();
}

const QueueValues& FirstPolicyImprovementPolicy::values_of(const NodeView& node) {
  std::size_t& index = values_index_[static_cast<std::size_t>(node.rank.value())];
  if (index < values_.size() && values_[index].cores == node.cores) return values_[index].of_queue;
  const auto known = std::ranges::find(values_, node.cores, &Values::cores);
  index = static_cast<std::size_t>(known - values_.begin());
  if (known == values_.end()) {
    const int servers = std::max(1, static_cast<int>(std::lround(node.cores)));
    values_.push_back({node.cores, QueueValues(servers, values_load_)});
  }
  return values_[index].of_queue;
}

}  // namespace weir
