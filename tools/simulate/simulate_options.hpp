// The command line of `weir simulate`: a scenario, and settings that change it.

#pragma once

#include <string>
#include <vector>

#include "tools/settings/scenario.hpp"

namespace weir {

// Of that command, which takes the options of `weir simulate`. Throws Error for whatever is
// unknown, malformed or out of range.
SimulateOptions parse_simulate_options(const std::vector<std::string>& arguments,
                                       const std::string& command = "simulate");

// The text of `weir simulate --help`.
std::string simulate_help();

}  // namespace weir
