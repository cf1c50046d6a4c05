// `stochastic_water_filling` (SCD): dispatchers that see the same queues and do not talk draw nodes
// such that their tasks together come nearest to an even level. G. Goren, S. Vargaftik and Y.
// Moses, "Stochastic coordination in heterogeneous load balancing systems", ACM PODC, 2021.
//
// In a round all dispatchers together place a tasks, each drawn with probabilities p. The p that
// minimize the expected squared distance from the level per unit of rate mu = c s,
//   sum E[(n + A - mu level)^2] / mu,   A ~ Binomial(a, p),
// are p ~ (L mu - (n + 1/2))^+ where L is the level to which a - 1 tasks would fill queues of n +
// 1/2: water filling, with a half and a one for the spread of the draws. Everything at the lowest
// node for a = 1.
//
// The paper's rounds are time slots. Here a round is a fixed number of this home's placements, and
// a is that x the dispatchers.

#pragma once

#include <cstddef>

#include "runtime/base/random.hpp"
#include "runtime/policy/cumulative_draw.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/policy/water_filling.hpp"

namespace weir {

struct StochasticWaterFillingOptions {
  // Placements of a home from one look at the queues; at least 1.
  int round_tasks = 8;
  // Own tasks placed since a node's report count this x dispatchers.
  double own_weight = 1;
};

// n is estimated_tasks(). A round costs n log n for n nodes, a placement log n.
class StochasticWaterFillingPolicy final : public Policy {
 public:
  StochasticWaterFillingPolicy(StochasticWaterFillingOptions options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  void begin_round(const ClusterView& cluster);

  StochasticWaterFillingOptions options_;
  Random random_;
  WaterFilling filling_;
  CumulativeDraw draw_;
  int left_in_round_ = 0;
};

}  // namespace weir
