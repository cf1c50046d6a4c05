// `weighted_round_robin`: every node as often as its nominal capacity says, spread as evenly as
// possible; the smooth weighted round robin of nginx (release 1.3.1, 2012).
//
// Each node has a credit, zero at first. A choice adds its weight w_i = c_i s_i to every node's
// credit, takes the node of most credit, and lowers that node's credit by the sum of all weights.
// With weights 5, 1, 1 the nodes follow as a a b a c a a.

#pragma once

#include <cstddef>
#include <vector>

#include "runtime/policy/policy.hpp"

namespace weir {

// A home begins `home` choices into the sequence, so that homes do not march in step. One pass.
class WeightedRoundRobinPolicy final : public Policy {
 public:
  explicit WeightedRoundRobinPolicy(RankId home);

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  std::size_t choose(const ClusterView& cluster);

  RankId home_;
  std::vector<double> credits_;  // by position in the cluster view
};

}  // namespace weir
