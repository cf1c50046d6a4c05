// Who decides how many nodes are switched on, and by what.

#pragma once

#include <string>

#include "ml/inference/learned_demand.hpp"
#include "runtime/control/capacity_planner.hpp"

namespace weir {

enum class CapacityControl {
  kFixed,     // nobody: all nodes are on
  kReactive,  // the root, by the work that has arrived
  kForecast,  // the root, by the work that will probably arrive
  kPerfect,   // the root, by the work that will arrive; in simulations only
};

struct CapacityOptions {
  CapacityControl control = CapacityControl::kFixed;
  CapacityPlannerOptions planner;
  LearnedDemandOptions forecast;
  // What corrects the planner: as learned_capacity_of() takes it.
  std::string adviser = "none";
};

}  // namespace weir
