// `weighted_least_connections`: the node with the fewest tasks for its capacity, the new one
// included: argmin (n + 1) / (c s). W. Zhang, "Linux virtual server for scalable network services",
// Ottawa Linux Symposium, 2000.
//
// `weighted_least_connections_class_aware` puts the measured rate of the task's class in the place
// of the nominal speed: argmin (n + 1) E[S_class] / c.

#pragma once

#include "runtime/policy/node_services.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct WeightedLeastConnectionsOptions {
  SpeedBasis speeds = SpeedBasis::kNominal;
  // Own tasks placed since a node's report count this x dispatchers.
  double own_weight = 1;
};

// n is estimated_tasks(). One pass, two where speeds are measured.
class WeightedLeastConnectionsPolicy final : public Policy {
 public:
  explicit WeightedLeastConnectionsPolicy(WeightedLeastConnectionsOptions options);

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  WeightedLeastConnectionsOptions options_;
};

}  // namespace weir
