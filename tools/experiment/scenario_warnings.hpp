// What `weir simulate` would warn of in the runs of a scenario, for all policies together.

#pragma once

#include <string>
#include <vector>

#include "tools/settings/scenario.hpp"

namespace weir {

// Each warning once, with the policies for which it holds where it does not hold for all of them.
// Without policies: those of the scenario as it is. Throws Error for what cannot be simulated, and
// for a load that is another rate for each of the policies.
std::vector<std::string> warnings_of(const Settings& scenario,
                                     const std::vector<std::string>& policies);

// That these policies have no tuned parameters; empty where there are none.
std::string untuned_warning(const std::vector<std::string>& policies);

}  // namespace weir
