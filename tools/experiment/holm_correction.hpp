// Many comparisons at once find differences by chance. Holm's correction makes the p-values of a
// family larger so that the chance of even one false finding stays below the level. S. Holm, "A
// simple sequentially rejective multiple test procedure", Scandinavian J. of Statistics 6, 1979.

#pragma once

#include <span>
#include <vector>

namespace weir {

// The adjusted p-values, in the order given, each at most 1.
std::vector<double> holm_adjusted(std::span<const double> p_values);

}  // namespace weir
