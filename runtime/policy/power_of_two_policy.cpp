#include "runtime/policy/power_of_two_policy.hpp"

#include <cstddef>
#include <utility>

namespace weir {

PowerOfTwoPolicy::PowerOfTwoPolicy(NodeWeight weight, Random random)
    : weight_(weight), sampler_(weight, random) {}

RankId PowerOfTwoPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  std::size_t first = sampler_.draw(cluster);
  std::size_t second = sampler_.draw(cluster);
  if (weight_ == NodeWeight::kUniform) {
    while (second == first && sampler_.drawable_nodes() > 1) second = sampler_.draw(cluster);
  }
  if (second < first) std::swap(first, second);  // A tie goes to the lower rank.

  const auto load = [&](std::size_t position) {
    const NodeView& node = cluster.nodes[position];
    const double tasks = estimated_tasks(node, cluster.dispatcher_count);
    return weight_ == NodeWeight::kUniform ? tasks : tasks / capacity(node);
  };
  return cluster.nodes[load(second) < load(first) ? second : first].rank;
}

}  // namespace weir
