// `weir evaluate`: what the policy `learned` is worth, in one table.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace weir {

// Returns the exit code: 1 where the policy is worse than it may be. Throws Error for bad input.
int evaluate_placement(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace weir
