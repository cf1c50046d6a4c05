// `weir topology`: prints a machine and how weir would use it.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace weir {

// `arguments` are those after the word "topology". Returns the exit code; throws Error on arguments
// or files that make no sense.
int topology_command(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace weir
