// `weir topology --tree`: the coordinators of a job, level by level.

#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "runtime/control/coordination_tree.hpp"

namespace weir {

struct TreePrintout {
  TreeOptions tree;
  std::string switch_file;  // empty: none
  std::optional<int> ranks;
  bool json = false;
};

// The tree of so many ranks, on the hosts of the file in their order or else on a host each.
// Without a number that of the ranks of this job, where it was started by mpirun; else of one rank
// on every host of the file, or of a single one. Only rank 0 prints. Throws Error for a file that
// cannot be used. Collective.
void print_tree(const TreePrintout& options, std::ostream& out);

}  // namespace weir
