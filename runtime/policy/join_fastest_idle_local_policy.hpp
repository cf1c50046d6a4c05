// `join_fastest_idle_local` (JFIQL): join-fastest-idle (join_fastest_idle_policy.hpp) on this
// home's own counts alone, which are always fresh. All D homes do alike, so own counts x D stand
// for the tasks at the node: it is idle if D (own + 1) <= m c, where the margin m = 1. Without an
// idle node: argmin (own + 1) E[S] / c.
//
// On a node with c < 2 D a home would have at most one task at a time, or none, and the count says
// little; there the home relies on idle tokens as in join-idle-queue (join_idle_queue_policy.hpp).
// They are used where no large enough node is idle.
//
// `join_fastest_idle_local_class_aware` takes the measured rate of the task's class.

#pragma once

#include "runtime/policy/idle_tokens.hpp"
#include "runtime/policy/node_services.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

struct JoinFastestIdleLocalOptions {
  SpeedBasis speeds = SpeedBasis::kMeasured;
  // The share of its cores up to which a node counts as idle: below 1 leaves cores for what other
  // homes send by chance, above 1 queues at fast nodes before slow ones are used.
  double margin = 1;
  // Whether some node has c < 2 D, so that its idle tokens are worth their messages.
  bool wants_tokens = false;
};

// Two passes.
class JoinFastestIdleLocalPolicy final : public Policy {
 public:
  explicit JoinFastestIdleLocalPolicy(JoinFastestIdleLocalOptions options);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_token(RankId node) override;
  bool wants_tokens() const override { return options_.wants_tokens; }

 private:
  JoinFastestIdleLocalOptions options_;
  IdleTokens tokens_;
};

}  // namespace weir
