// The nodes that a scenario describes, and which of them run tasks.

#pragma once

#include <vector>

#include "runtime/exec/emulation_spec.hpp"
#include "tools/settings/scenario.hpp"

namespace weir {

// Their work scaled. Throws Error for more than this machine has memory for.
EmulationSpec nodes_of(const SimulateOptions& options);

// Ascending; as working_ranks() of a real run. Throws Error where the tree has too many levels.
std::vector<int> working_ranks(const SimulateOptions& options);

}  // namespace weir
