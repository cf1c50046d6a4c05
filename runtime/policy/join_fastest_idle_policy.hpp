// `join_fastest_idle` (JFIQ): the fastest of the nodes that have a free core, else the node with
// the fewest tasks for its speed. W. Weng, X. Zhou and R. Srikant, "Optimal load balancing with
// locality constraints", Proc. ACM Meas. Anal. Comput. Syst. 4(3), 2020: join the fastest of the
// shortest queues or of the idle ones.
//
// A node is idle if n + 1 <= c; among idle nodes the least expected service wins, otherwise
// argmin (n + 1) E[S] / c. Speeds are measured, so that slow phases of a node are seen.
// `join_fastest_idle` takes one speed per node over all classes, measured or nominal;
// `join_fastest_idle_class_aware` takes the measured rate of the task's class.

#pragma once

#include "runtime/policy/node_services.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct JoinFastestIdleOptions {
  SpeedBasis speeds = SpeedBasis::kMeasured;
  // Own tasks placed since a node's report count this x dispatchers.
  double own_weight = 1;
};

// n is estimated_tasks(). Two passes.
class JoinFastestIdlePolicy final : public Policy {
 public:
  explicit JoinFastestIdlePolicy(JoinFastestIdleOptions options);

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  JoinFastestIdleOptions options_;
};

}  // namespace weir
