#include "runtime/policy/stochastic_water_filling_policy.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"
#include "runtime/policy/node_costs.hpp"

namespace weir {

StochasticWaterFillingPolicy::StochasticWaterFillingPolicy(StochasticWaterFillingOptions options,
                                                           Random random)
    : options_(options), random_(random) {
  WEIR_CHECK(options_.round_tasks > 0, "a round without tasks");
}

RankId StochasticWaterFillingPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  if (left_in_round_ <= 0 || draw_.size() != cluster.nodes.size()) begin_round(cluster);
  --left_in_round_;
  std::size_t drawn = draw_.draw(random_);
  if (capacity(cluster.nodes[drawn]) <= 0) {  // It was lost within the round.
    begin_round(cluster);
    drawn = draw_.draw(random_);
  }
  return cluster.nodes[drawn].rank;
}

void StochasticWaterFillingPolicy::begin_round(const ClusterView& cluster) {
  left_in_round_ = options_.round_tasks;
  const auto height = [&](const NodeView& node) {
    const double tasks = estimated_tasks(node, cluster.dispatcher_count, options_.own_weight);
    return load_cost(node, tasks + 0.5);
  };
  filling_.clear();
  for (const NodeView& node : cluster.nodes) {
    if (capacity(node) > 0) filling_.add(height(node), capacity(node));
  }
  const double others = options_.round_tasks * cluster.dispatcher_count - 1;
  const double level = filling_.level(others);

  draw_.clear();
  for (const NodeView& node : cluster.nodes) {
    const double rate = capacity(node);
    if (rate <= 0) {
      draw_.add(0);
    } else if (others > 0) {
      draw_.add(std::max(0.0, level - height(node)) * rate);
    } else {
      // Only the lowest node, the first of equals.
      draw_.add(draw_.total() == 0 && height(node) <= level ? 1 : 0);
    }
  }
}

}  // namespace weir
