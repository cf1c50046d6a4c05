// `weir launch`: owns mpirun, its options, its signals and its end.

#pragma once

#include <string>
#include <vector>

namespace weir {

// Returns what the program should exit with: the subcommand's own code, 130 after Ctrl-C, 128 + n
// when signal n ended a rank. Ctrl-C reaches the ranks as SIGURG, which asks them to stop
// admission, drain and exit with 130; a second one ends them at once. Throws Error.
int launch_command(const std::vector<std::string>& arguments);

}  // namespace weir
