// What `weir run` can refuse before MPI starts.

#pragma once

#include <string>
#include <vector>

#include "tools/run_options.hpp"

namespace weir {

// Of the command line and the environment. Throws Error for options that cannot be read, and for
// what they name that cannot be used: policies, weights, folders.
RunOptions checked_run_options(const std::vector<std::string>& arguments);

}  // namespace weir
