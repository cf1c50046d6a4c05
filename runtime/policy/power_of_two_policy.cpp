#include "runtime/policy/power_of_two_policy.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "runtime/base/check.hpp"
#include "runtime/policy/node_costs.hpp"

namespace weir {

PowerOfTwoPolicy::PowerOfTwoPolicy(NodeWeight weight, PowerOfTwoOptions options, Random random)
    : weight_(weight), options_(options), sampler_(weight, random) {
  WEIR_CHECK(options_.drawn_nodes >= 2 && options_.drawn_nodes <= kMostDrawn,
             "too few or too many nodes are drawn");
}

RankId PowerOfTwoPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  std::array<std::size_t, kMostDrawn> drawn{};
  std::size_t count = 0;
  const auto is_drawn = [&](std::size_t node) {
    return std::find(drawn.begin(), drawn.begin() + count, node) != drawn.begin() + count;
  };
  while (count < static_cast<std::size_t>(options_.drawn_nodes)) {
    const std::size_t node = sampler_.draw(cluster);
    if (weight_ == NodeWeight::kUniform && is_drawn(node)) {
      if (count >= sampler_.drawable_nodes()) break;
      continue;
    }
    drawn[count++] = node;
  }

  std::size_t best = drawn[0];
  double least = load(cluster.nodes[best], cluster.dispatcher_count);
  for (std::size_t i = 1; i < count; ++i) {
    const std::size_t node = drawn[i];
    const double node_load = load(cluster.nodes[node], cluster.dispatcher_count);
    if (node_load > least || (node_load == least && node >= best)) continue;
    best = node;  // A tie goes to the lower rank.
    least = node_load;
  }
  return cluster.nodes[best].rank;
}

double PowerOfTwoPolicy::load(const NodeView& node, double dispatcher_count) const {
  const double tasks = estimated_tasks(node, dispatcher_count, options_.own_weight);
  return weight_ == NodeWeight::kUniform ? tasks : load_cost(node, tasks);
}

}  // namespace weir
