// The learner of a level of control and its rounds so far in one file, bit for bit.

#pragma once

#include <vector>

#include "tools/learning/control/train_control.hpp"

namespace weir {

// At least one round; all judged in as many worlds. Replaces plan.checkpoint in one step. Throws
// Error, and leaves it as it was, when it cannot be written.
void save_control(const Dqn& learner, const std::vector<ControlRound>& rounds,
                  const ControlPlan& plan);

// Of plan.checkpoint, into a learner of the same options. Throws Error for what is no such file,
// not whole, or of another plan.
std::vector<ControlRound> load_control(Dqn& learner, const ControlPlan& plan);

}  // namespace weir
