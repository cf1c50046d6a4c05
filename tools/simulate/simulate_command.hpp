// `weir simulate`: a scenario in virtual time, from its file to the result of `weir run`.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace weir {

// Throws Error for bad input. Returns the exit code.
int simulate_command(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace weir
