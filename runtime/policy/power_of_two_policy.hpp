// `power_of_two` and `weighted_power_of_two`: the better of two nodes drawn at random.
// M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE Trans. Parallel
// and Distributed Systems 12(10), 2001.
//
// Plain: two different nodes, all alike; the one with fewer tasks n. Weighted, for unequal nodes:
// two independent draws with P ~ c s, so that every node is offered its share; the one with the
// smaller n / (c s).

#pragma once

#include "runtime/policy/node_sampler.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

// n is estimated_tasks(). Constant time.
class PowerOfTwoPolicy final : public Policy {
 public:
  PowerOfTwoPolicy(NodeWeight weight, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  NodeWeight weight_;
  NodeSampler sampler_;
};

}  // namespace weir
