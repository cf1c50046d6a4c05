// `weir compare`: policies against each other on the same tasks.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace weir {

// Throws Error for bad input. Returns the exit code.
int compare_command(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace weir
