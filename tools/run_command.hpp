// `weir run`: streams of real or emulated work over all ranks, and the result.

#pragma once

#include <string>
#include <vector>

namespace weir {

// Returns the exit code: 0, 1 when tasks failed for good or the record is incomplete, 130 after an
// interrupt. Throws Error before any work for whatever input or machine will not do. Collective:
// every rank of the job calls it.
int run_command(const std::vector<std::string>& arguments);

}  // namespace weir
