// `join_shortest_queue`: the node with the fewest tasks, waiting and running: argmin n. W. Winston,
// "Optimality of the shortest line discipline", J. Applied Probability 14(1), 1977: optimal for
// equal nodes of one core and exponential service; blind to cores and speed.

#pragma once

#include "runtime/policy/policy.hpp"

namespace weir {

struct JoinShortestQueueOptions {
  // Own tasks placed since a node's report count this x dispatchers.
  double own_weight = 1;
};

// n is estimated_tasks(). One pass.
class JoinShortestQueuePolicy final : public Policy {
 public:
  explicit JoinShortestQueuePolicy(JoinShortestQueueOptions options = {});

  RankId place(const TaskView& task, const ClusterView& cluster) override;

 private:
  JoinShortestQueueOptions options_;
};

}  // namespace weir
