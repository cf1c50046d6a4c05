// `weir exec`: runs commands on all ranks of the job.

#pragma once

#include <string>
#include <vector>

namespace weir {

// The exit code, or throws Error for bad input. Starts and ends MPI.
int exec_command(const std::vector<std::string>& arguments);

}  // namespace weir
