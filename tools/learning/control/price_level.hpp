// The cluster level: log-prices of classes at nodes (ml/inference/learned_planner.hpp). The rule is
// `learned` without them. Both run without the guard, which would hide what the network does.

#pragma once

#include "tools/learning/control/control_level.hpp"

namespace weir {

class PriceLevel final : public ControlLevel {
 public:
  std::string kind() const override;
  std::int64_t schema() const override;
  QShape shape() const override;
  Duration tick() const override { return std::chrono::milliseconds(100); }
  double reward_scale() const override { return 10; }
  // Costs are tasks at the nodes, as the newest reports of all coordinators tell; the run is judged
  // by its mean response.
  ControlRun play(const SimulateOptions& world, const ControlActor& actor) const override;
};

}  // namespace weir
