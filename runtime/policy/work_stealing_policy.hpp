// `work_stealing`: a task stays at its home, and idle nodes take tasks from loaded ones. R. D.
// Blumofe and C. E. Leiserson, "Scheduling multithreaded computations by work stealing", J. ACM
// 46(5), 1999; between machines D. L. Eager, E. D. Lazowska and J. Zahorjan, "A comparison of
// receiver-initiated and sender-initiated adaptive load sharing", Performance Evaluation 6(1),
// 1986.
//
// `NAME+work_stealing`: tasks are placed by policy NAME, and idle nodes steal besides.

#pragma once

#include <memory>
#include <utility>

#include "runtime/policy/forwarding_policy.hpp"

namespace weir {

// Stealing itself is done by the nodes; this says only that they should. A home without capacity
// places on the node with the fewest of its own tasks, argmin (own + 1) / (c s). Constant time
// otherwise.
class WorkStealingPolicy final : public Policy {
 public:
  RankId place(const TaskView& task, const ClusterView& cluster) override;
  bool steals() const override { return true; }
};

// As `placing`, with stealing.
class PolicyWithWorkStealing final : public ForwardingPolicy {
 public:
  explicit PolicyWithWorkStealing(std::unique_ptr<Policy> placing)
      : ForwardingPolicy(std::move(placing)) {}

  bool steals() const override { return true; }
};

}  // namespace weir
