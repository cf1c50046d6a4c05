// `power_of_two` and `weighted_power_of_two`: the better of two nodes drawn at random, or the best
// of d. M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE Trans.
// Parallel and Distributed Systems 12(10), 2001.
//
// Plain: d different nodes, all alike; the one with fewest tasks n. Weighted, for unequal nodes: d
// independent draws with P ~ c s, so that every node is offered its share; the one with the
// smallest n / (c s).

#pragma once

#include "runtime/policy/node_sampler.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct PowerOfTwoOptions {
  // Nodes drawn per task, from 2 to kMostDrawn.
  int drawn_nodes = 2;
  // Own tasks placed since a node's report count this x dispatchers.
  double own_weight = 1;
};

// n is estimated_tasks(). Time grows with d, not with the number of nodes.
class PowerOfTwoPolicy final : public Policy {
 public:
  static constexpr int kMostDrawn = 16;

  PowerOfTwoPolicy(NodeWeight weight, PowerOfTwoOptions options, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  double load(const NodeView& node, double dispatcher_count) const;

  NodeWeight weight_;
  PowerOfTwoOptions options_;
  NodeSampler sampler_;
};

}  // namespace weir
