#include "runtime/policy/peak_ewma_policy.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/time.hpp"

namespace weir {

PeakEwmaPolicy::PeakEwmaPolicy(PeakEwmaOptions options, Random random)
    : options_(options),
      sampler_(options.per_core ? NodeWeight::kCapacity : NodeWeight::kUniform, random) {}

RankId PeakEwmaPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  if (ewma_s_.size() < cluster.nodes.size()) ewma_s_.resize(cluster.nodes.size());
  std::size_t first = sampler_.draw(cluster);
  std::size_t second = sampler_.draw(cluster);
  while (second == first && sampler_.drawable_nodes() > 1) second = sampler_.draw(cluster);
  if (second < first) std::swap(first, second);  // A tie goes to the lower rank.
  const bool second_is_better = cost(cluster.nodes[second]) < cost(cluster.nodes[first]);
  return cluster.nodes[second_is_better ? second : first].rank;
}

double PeakEwmaPolicy::cost(const NodeView& node) const {
  // Longer than any response: what is under way to a node nobody has heard of.
  constexpr double kUnknownS = 1e9;
  const double ewma = ewma_s_[static_cast<std::size_t>(node.rank.value())];
  const double own = node.own_in_flight;
  if (ewma == 0) return own * kUnknownS;
  return ewma * (own + 1) / (options_.per_core ? node.cores : 1);
}

void PeakEwmaPolicy::on_completion(TaskId /*task*/, RankId node, ClassId /*task_class*/,
                                   Duration response, Duration /*service*/) {
  const auto position = static_cast<std::size_t>(node.value());
  if (position >= ewma_s_.size()) ewma_s_.resize(position + 1);
  double& ewma = ewma_s_[position];
  const double response_s = to_seconds(response);
  ewma = response_s > ewma ? response_s : ewma + options_.gain * (response_s - ewma);
}

}  // namespace weir
