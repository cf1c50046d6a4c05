// The system level: a factor on the capacity that the planner wants switched on
// (ml/inference/learned_capacity.hpp). The rule is the planner alone.

#pragma once

#include "tools/learning/control/control_level.hpp"

namespace weir {

class CapacityLevel final : public ControlLevel {
 public:
  // What a missed deadline costs, over what all cores cost for as long as a task comes on average:
  // about where the rule, with the head room of the worlds, has its least sum of both in
  // `elastic_crowds`. Much less, and what is learned is to switch nodes off.
  static constexpr double kCostOfMiss = 40;

  std::string kind() const override;
  std::int64_t schema() const override;
  QShape shape() const override;
  Duration tick() const override { return std::chrono::seconds(1); }
  double reward_scale() const override { return 0.5; }
  // Costs are the share of the cores that is switched on, and the missed deadlines of the tasks
  // that end; the run is judged by their sum after the warm-up.
  ControlRun play(const SimulateOptions& world, const ControlActor& actor) const override;
};

}  // namespace weir
