// `weir train scorer --from RUN.h5`: weights that come with weir, fitted on to what the tasks of a
// recorded run took. For work and nodes that no simulated world resembles.
//
// The last fifth of the run judges: of the weights after each epoch, and those it began with, the
// ones of the least loss there are kept.

#pragma once

#include "tools/learning/training_door.hpp"

namespace weir {

// The record is the setting "from". Throws Error for a record from which nothing can be learned.
TrainingReply train_scorer_from_record(const TrainingRequest& request, const TrainingWatch& watch);

}  // namespace weir
