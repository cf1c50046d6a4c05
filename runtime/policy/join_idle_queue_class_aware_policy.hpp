// `join_idle_queue_class_aware`: join-idle-queue (join_idle_queue_policy.hpp) that takes, of the
// nodes that said they are idle, the one that serves the task's class fastest; else a node drawn
// with P ~ rate of the class, c / E[S_class]. After W. Weng, X. Zhou and R. Srikant, "Optimal load
// balancing with locality constraints", Proc. ACM Meas. Anal. Comput. Syst. 4(3), 2020
// (join-the-fastest-of-the-idle).

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/policy/cumulative_draw.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

// Reads no count of a report. Two passes.
class JoinIdleQueueClassAwarePolicy final : public Policy {
 public:
  explicit JoinIdleQueueClassAwarePolicy(Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_token(RankId node) override;
  bool wants_tokens() const override { return true; }

 private:
  Random random_;
  CumulativeDraw draw_;
  std::vector<std::uint32_t> tokens_;  // by rank; at most as many as the node has cores
};

}  // namespace weir
