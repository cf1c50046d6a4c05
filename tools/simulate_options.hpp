// What `weir simulate` can be told: a scenario, which is an INI file of the options of `weir run`
// and of the virtual world around it, and settings that change it.

#pragma once

#include <string>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/sim/network_model.hpp"
#include "tools/run_options.hpp"

namespace weir {

struct SimulateOptions {
  RunOptions run;
  NetworkOptions network;
  Duration warm_up{0};  // of the run; tasks that arrive in it are not counted
  Duration clock_skew = std::chrono::seconds(1);
  double clock_drift = 2e-5;
};

// Throws Error for whatever is unknown, malformed or out of range.
SimulateOptions parse_simulate_options(const std::vector<std::string>& arguments);

// The text of `weir simulate --help`.
std::string simulate_help();

}  // namespace weir
