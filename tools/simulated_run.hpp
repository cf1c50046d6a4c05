// One run in virtual time: a scenario in, a result out.

#pragma once

#include <cstdint>

#include "tools/run_result.hpp"
#include "tools/scenario.hpp"

namespace weir {

// What it took to simulate a run.
struct SimulationCost {
  std::uint64_t events = 0;   // messages that arrived and wake-ups
  std::uint64_t journal = 0;  // a hash over every message: equal for equal runs
};

// A function of its options; several may run at the same time, on threads of their own. Throws
// Error for what cannot be simulated. `cost` may be null.
RunResult simulate(const SimulateOptions& options, SimulationCost* cost = nullptr);

}  // namespace weir
