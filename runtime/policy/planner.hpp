// What is decided for all homes together: reports in, a directive out. An object with state, used
// by one coordinator.

#pragma once

#include <optional>
#include <span>

#include "runtime/base/time.hpp"
#include "runtime/policy/arrival_outlook.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

class Planner {
 public:
  virtual ~Planner() = default;

  // Position i is the newest report of child i of that coordinator (of rank i where there is one
  // coordinator), with sequence 0 before the first one; so are positions in the directive. Nothing
  // where too little is known. Equal state and inputs give equal directives.
  virtual std::optional<Directive> plan(std::span<const NodeReport> reports, Instant now) = 0;

  // Before the first plan: plans are for the arrivals that `outlook` foretells, in place of those
  // that were measured. It outlives the planner. Who does not look at arrivals has no use for it.
  virtual void plan_for(ArrivalOutlook& /*outlook*/) {}
};

}  // namespace weir
