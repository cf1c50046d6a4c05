// Which ranks of a job run tasks: all but coordinators that only coordinate, where the policy
// follows the tree.

#pragma once

#include <vector>

#include "runtime/control/coordination_tree.hpp"
#include "tools/settings/run_options.hpp"

namespace weir {

// Ascending. Throws Error where the tree over these places has too many levels.
std::vector<int> working_ranks(const RunOptions& options, const RankPlaces& places);

}  // namespace weir
