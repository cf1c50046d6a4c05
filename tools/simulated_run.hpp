// One run in virtual time: a scenario in, a result out.

#pragma once

#include "tools/run_result.hpp"
#include "tools/scenario.hpp"

namespace weir {

// A function of its options; several may run at the same time, on threads of their own. Throws
// Error for what cannot be simulated.
RunResult simulate(const SimulateOptions& options);

}  // namespace weir
