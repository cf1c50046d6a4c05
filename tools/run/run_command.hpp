// `weir run`: streams of real or emulated work over all ranks, and the result.

#pragma once

#include <string>
#include <vector>

namespace weir {

// Returns the exit code: 0, also when tasks failed for good (the result counts them and the record
// holds them); 1 when the record is incomplete; 130 after an interrupt. Whatever input or machine
// will not do is refused before any work: with an Error where all ranks see it, else with 2, after
// rank 0 has reported what one of them saw. Collective: every rank of the job calls it.
int run_command(const std::vector<std::string>& arguments);

}  // namespace weir
