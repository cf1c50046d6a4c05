// `weir topology --tree`: the coordinators of a job, level by level.

#pragma once

#include <optional>
#include <ostream>

#include "runtime/control/coordination_tree.hpp"

namespace weir {

// The tree of `ranks` ranks that share no host; without a number that of the ranks of this job,
// where it was started by mpirun, else of a single one. Only rank 0 prints. Collective.
void print_tree(const TreeOptions& options, std::optional<int> ranks, bool json, std::ostream& out);

}  // namespace weir
