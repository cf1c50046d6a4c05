// `shortest_expected_delay` (SED): the node where the task is expected to end first, service and
// waiting together: argmin E[S] + E[S] (n + 1 - c)^+ / c, where E[S] is the measured mean service
// of the task's class at the node, and a node with free cores has no wait. S. A. Banawan and J.
// Zahorjan, "Load sharing in heterogeneous queueing systems", IEEE INFOCOM, 1989.
//
// `shortest_expected_delay_class_blind` takes one speed per node for all classes.

#pragma once

#include "runtime/policy/node_services.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct ShortestExpectedDelayOptions {
  SpeedBasis speeds = SpeedBasis::kClass;
  // Own tasks placed since a node's report count this x dispatchers.
  double own_weight = 1;
};

// n is estimated_tasks(). Two passes.
class ShortestExpectedDelayPolicy final : public Policy {
 public:
  explicit ShortestExpectedDelayPolicy(ShortestExpectedDelayOptions options = {});

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  ShortestExpectedDelayOptions options_;
};

}  // namespace weir
