// `weir reach PROGRAM ...`: what `weir launch` lets mpirun reach other hosts by, when a run is to
// outlive them. mpirun takes a program that fails for a host that could not be reached, whenever
// that is, and ends the job. So the failure of ssh counts only while it may be that, and not when
// it comes because the host has died.

#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace weir {

// In which the program has reached its host, or has failed to. A host that dies within that time
// ends the job.
inline constexpr std::chrono::seconds kLongestReach(10);

// Runs the words as a command, with PATH, and waits for it. Returns its exit code, or 128 and the
// number of the signal that ended it, or 127 where it cannot be started; 0 where it took longer
// than `kLongestReach`. Both end when whoever called this program does. Throws Error.
int reach_command(const std::vector<std::string>& words);

}  // namespace weir
