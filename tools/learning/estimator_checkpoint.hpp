// The rounds of an estimator's training in a file, bit for bit.

#pragma once

#include <filesystem>
#include <vector>

#include "tools/learning/train_estimator.hpp"

namespace weir {

// At least one round; all judged in as many worlds. Replaces plan.checkpoint in one step. Throws
// Error, and leaves it as it was, when it cannot be written.
void save_rounds(const std::vector<EstimatorRound>& rounds, const EstimatorPlan& plan);

// Of plan.checkpoint. Throws Error for what is no such file, not whole, or of another plan.
std::vector<EstimatorRound> load_rounds(const EstimatorPlan& plan);

}  // namespace weir
