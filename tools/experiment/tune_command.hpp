// `weir tune`: good parameters for policies in scenarios, with one budget for all.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace weir {

// Throws Error for bad input. Returns the exit code.
int tune_command(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace weir
