// `weir train control`, in the module that holds LibTorch: the worlds and rounds of each preset and
// level, and what the weights come to.

#pragma once

#include "tools/learning/training_door.hpp"

namespace weir {

// Settings: "level", cluster by itself, and "rounds". Throws Error for a request that cannot be
// met.
TrainingReply teach_control(const TrainingRequest& request, const TrainingWatch& watch);

}  // namespace weir
