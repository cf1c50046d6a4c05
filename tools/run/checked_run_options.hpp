// The options of `weir run`, with all that can be refused before MPI starts.

#pragma once

#include <string>
#include <vector>

#include "tools/settings/run_options.hpp"

namespace weir {

// With the variables of this process. Throws Error.
RunOptions checked_run_options(const std::vector<std::string>& arguments);

// About options, checked ones, that do not do on so many ranks what they seem to say; with those
// that the options have already.
std::vector<std::string> warnings_for(const RunOptions& options, int rank_count);

}  // namespace weir
