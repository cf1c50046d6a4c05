// One table over several scenarios: the mean response of every policy in each.

#pragma once

#include <vector>

#include "tools/experiment/comparison.hpp"
#include "tools/experiment/text_table.hpp"

namespace weir {

// A row per policy and a column per scenario, in ms; above them the floor that no policy can beat.
// Where a policy lost more tasks than the one that lost least there, by kEqualLoss or more, the
// share it lost follows in brackets: its mean is of easier work. A star marks the least mean of the
// others.
TextTable scenario_matrix(const ExperimentResults& results,
                          const std::vector<PolicySummary>& summaries);

}  // namespace weir
