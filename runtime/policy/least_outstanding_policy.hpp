// `least_outstanding`: the node with the fewest tasks of this home's own for its capacity, the new
// one included: argmin (own + 1) / (c s). The "least outstanding requests" of the load balancers
// (Amazon Web Services, Application Load Balancer, 2019).

#pragma once

#include "runtime/policy/policy.hpp"

namespace weir {

// Reads no report, so stale ones cannot mislead it. One pass.
class LeastOutstandingPolicy final : public Policy {
 public:
  RankId place(const TaskView& task, const ClusterView& cluster) override;
};

}  // namespace weir
