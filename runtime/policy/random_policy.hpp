// `random` and `weighted_random`: a node drawn at random, all alike or with probability c s /
// sum(c s), whatever its load. Without information this splits a Poisson stream into Poisson
// streams (Bernoulli splitting; for example M. Harchol-Balter, "Performance Modeling and Design of
// Computer Systems", 2013, chapter 24).

#pragma once

#include "runtime/policy/node_sampler.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

// Constant time (runtime/policy/node_sampler.hpp).
class RandomPolicy final : public Policy {
 public:
  RandomPolicy(NodeWeight weight, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  NodeSampler sampler_;
};

}  // namespace weir
