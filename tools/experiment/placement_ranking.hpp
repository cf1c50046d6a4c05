// Where nodes stand by what a rule compares.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tools/experiment/rule_explanation.hpp"

namespace weir {

// Infinity for a node that is not in question, or takes no tasks.
double value_of(const Quantity& quantity, const RecordedPlacement& placement,
                const RecordedNode& node);

// Places of the nodes in the order in which the rule would choose them: first those that are in
// question by the first quantity, the least first, then those by the next one. Ties go to the lower
// rank; without quantities all are in the order of their ranks.
std::vector<std::size_t> ranking_of(const RecordedPlacement& placement,
                                    std::span<const Quantity> quantities);

}  // namespace weir
