// `least_outstanding`: the node with the fewest tasks of this home's own for its capacity, the new
// one included: argmin (own + 1) / (c s). The "least outstanding requests" of the load balancers
// (Amazon Web Services, Application Load Balancer, 2019).
//
// `least_outstanding_class_aware` puts the measured rate of the task's class in the place of the
// nominal speed: argmin (own + 1) E[S_class] / c.

#pragma once

#include "runtime/policy/node_services.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct LeastOutstandingOptions {
  SpeedBasis speeds = SpeedBasis::kNominal;
};

// Reads no count of a report, so stale ones cannot mislead it. One pass, two where speeds are
// measured.
class LeastOutstandingPolicy final : public Policy {
 public:
  explicit LeastOutstandingPolicy(LeastOutstandingOptions options = {});

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  LeastOutstandingOptions options_;
};

}  // namespace weir
