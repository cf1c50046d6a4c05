// The options of `weir run`, with all that can be refused before MPI starts.

#pragma once

#include <string>
#include <vector>

#include "tools/run_options.hpp"

namespace weir {

// With the variables of this process. Throws Error.
RunOptions checked_run_options(const std::vector<std::string>& arguments);

}  // namespace weir
