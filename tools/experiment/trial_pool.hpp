// Runs many trials, each world on one thread, as many at a time as there are cores.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/command/work_line.hpp"
#include "tools/experiment/outcome_store.hpp"
#include "tools/experiment/trial.hpp"

namespace weir {

struct TrialPoolOptions {
  int thread_count = 1;
  WorkLine* progress = nullptr;  // says how many are done, and the time left
  std::string work;              // begins what it says, where there is more than these trials
};

// Outcomes in the order of the trials, whatever the order in which they ran; those found in `store`
// do not run, the others are added to it. Where `stop` became true some are missing. Throws the
// Error of a trial that cannot be run; the others are then given up.
std::vector<std::optional<Measured>> run_trials(const std::vector<Trial>& trials,
                                                OutcomeStore& store,
                                                const TrialPoolOptions& options,
                                                const StopRequest& stop);

}  // namespace weir
