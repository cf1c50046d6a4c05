// `join_idle_queue`: a node that has said it is idle, else a random one. Y. Lu, Q. Xie, G. Kliot,
// A. Geller, J. Larus and A. Greenberg, "Join-Idle-Queue: a novel load balancing algorithm for
// dynamically scalable web services", Performance Evaluation 68(11), 2011.
//
// A node tells one home of each worker that becomes idle: a token. A home uses every token once,
// the oldest first, so that no two homes send to one idle worker. Without tokens the node is drawn
// with P ~ c s, which for the equal nodes of the paper is its uniform choice.

#pragma once

#include "runtime/policy/idle_tokens.hpp"
#include "runtime/policy/node_sampler.hpp"
#include "runtime/policy/policy.hpp"

namespace weir {

// Reads neither reports nor counts. Constant time.
class JoinIdleQueuePolicy final : public Policy {
 public:
  explicit JoinIdleQueuePolicy(Random random);

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_token(RankId node) override;
  bool wants_tokens() const override { return true; }

 private:
  IdleTokens tokens_;
  NodeSampler sampler_;
};

}  // namespace weir
