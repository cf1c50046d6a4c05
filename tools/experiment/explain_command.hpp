// `weir explain`: why a task went where it went, from the record of its run.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace weir {

// Throws Error for bad input. Returns the exit code.
int explain_command(const std::vector<std::string>& arguments, std::ostream& out);

}  // namespace weir
