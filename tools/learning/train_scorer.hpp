// `weir train scorer`: the network by which the policy `learned` corrects what nodes tell of their
// services. It has some hundred weights and needs no LibTorch.

#pragma once

#include "tools/learning/training_door.hpp"

namespace weir {

inline constexpr const char* kScorerKind = "scorer";

// Settings: "rounds", a number; "scenario.N", FILE or FILE@NAME=VALUE@...: worlds to learn from and
// to judge by in place of the preset's; "from", a record to learn from in place of all that. Throws
// Error for a request that cannot be met.
TrainingReply train_scorer(const TrainingRequest& request, const TrainingWatch& watch);

}  // namespace weir
