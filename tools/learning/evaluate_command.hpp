// `weir evaluate`: what was learned against what it has to beat, in one table.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace weir {

// `arguments` are those behind the subcommand. Throws Error for bad input; the exit code otherwise.
int evaluate_command(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace weir
