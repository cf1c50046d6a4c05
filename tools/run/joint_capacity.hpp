// What the ranks of a run can do together, found by all of them.

#pragma once

#include "runtime/mpi/mpi_context.hpp"
#include "runtime/session/node_runtime.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {

// Tasks per second that the workers of all ranks can complete, where tasks compute. Measured on
// rank 0, so that all ranks make the same streams. Collective.
double measured_capacity_per_s(MpiContext& mpi, const RunOptions& options,
                               const NodeRuntime& runtime);

}  // namespace weir
