// `weir bounds`: what no placement rule can beat in a scenario.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace weir {

// Throws Error for bad input. Returns the exit code.
int bounds_command(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace weir
