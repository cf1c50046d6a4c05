// `shortest_expected_delay` (SED): the node where the task is expected to end first, service and
// waiting together: argmin E[S] + E[S] (n + 1 - c)^+ / c, where E[S] is the measured mean service
// of the task's class at the node, and a node with free cores has no wait. S. A. Banawan and J.
// Zahorjan, "Load sharing in heterogeneous queueing systems", IEEE INFOCOM, 1989.

#pragma once

#include "runtime/policy/policy.hpp"

namespace weir {

// n is estimated_tasks(). Two passes.
class ShortestExpectedDelayPolicy final : public Policy {
 public:
  RankId place(const TaskView& task, const ClusterView& cluster) override;
};

}  // namespace weir
