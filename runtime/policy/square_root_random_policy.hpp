// `square_root_random`: the best random placement that knows no load. A. N. Tantawi and D. Towsley,
// "Optimal static load balancing in distributed computer systems", J. ACM 32(2), 1985; J. P. Buzen
// and P. P.-S. Chen, "Optimal load balancing in memory hierarchies", IFIP Congress, 1974.
//
// Split at random, a Poisson stream of rate lambda makes each node a queue of its own, here taken
// as one server of rate mu = c s. The mean response is least where the rates are
//   lambda_i = mu_i - sqrt(mu_i) (sum mu - lambda) / sum sqrt(mu),
// the sums over the nodes for which that is positive; slower ones get nothing. In proportion to
// capacity every node would be equally busy; here fast nodes are busier.
//
// lambda is a load that is given, over the capacity of all nodes: the rule measures nothing.

#pragma once

#include <span>

#include "runtime/policy/node_sampler.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

// The rates of the split, in place of the capacities that are given (some may be zero, not all).
// 0 < load < 1.
void split_by_square_roots(std::span<double> capacities, double load);

// Constant time (runtime/policy/node_sampler.hpp).
class SquareRootRandomPolicy final : public Policy {
 public:
  SquareRootRandomPolicy(double load, Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  NodeSampler sampler_;
};

}  // namespace weir
