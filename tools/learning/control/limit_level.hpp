// The node level: by how much a class limit at a node is corrected
// (ml/inference/learned_limits.hpp). The rule is `tree` without that: what a node does is the same
// for `learned`, which takes longer.

#pragma once

#include "tools/learning/control/control_level.hpp"

namespace weir {

class LimitLevel final : public ControlLevel {
 public:
  std::string kind() const override;
  std::int64_t schema() const override;
  QShape shape() const override;
  Duration tick() const override;
  double reward_scale() const override { return 2; }
  // A track is a class at a node. Its costs are tasks over tasks that arrive per second, so the
  // seconds that a task is there: half of what that is at the node, half of what it is at all
  // nodes, because what one keeps away comes to the others. The run is judged by its mean response.
  ControlRun play(const SimulateOptions& world, const ControlActor& actor) const override;
};

}  // namespace weir
