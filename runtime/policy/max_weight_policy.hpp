// `max_weight`: backlog against rate, the push form of MaxWeight: argmax rate of the task's class /
// backlog of the node. L. Tassiulas and A. Ephremides, "Stability properties of constrained
// queueing systems", IEEE Trans. Automatic Control 37(12), 1992; with the backlog as work, Q. Xie,
// A. Yekkehkhany and Y. Lu, "Scheduling with multi-level data locality: throughput and
// heavy-traffic optimality", IEEE INFOCOM, 2016 (Balanced-PANDAS).
//
// A node's backlog is the time it needs for what waits, B = (n + 1 - c)^+ E[S] / c with E[S] the
// mean over all classes. Placing a task that takes S_class there raises sum c B^2 by 2 B S_class,
// so that the least of B S_class keeps backlogs bounded wherever any rule can. Nodes without
// backlog come first, the fastest for the class of them.
//
// Among the others argmin S_class B^exponent. A small exponent looks at rates first, a large one at
// backlogs.

#pragma once

#include "runtime/policy/policy.hpp"

namespace weir {

struct MaxWeightOptions {
  double exponent = 1;
  // Own tasks placed since a node's report count this x dispatchers.
  double own_weight = 1;
};

// n is estimated_tasks(). Two passes, four where all nodes have a backlog.
class MaxWeightPolicy final : public Policy {
 public:
  explicit MaxWeightPolicy(MaxWeightOptions options = {});

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  MaxWeightOptions options_;
};

}  // namespace weir
