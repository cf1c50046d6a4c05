// `weir train`: learns weights and stores them with their curves and what they are worth.

#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace weir {

// `arguments` are those behind the subcommand. Throws Error for bad input; the exit code otherwise.
int train_command(const std::vector<std::string>& arguments, std::ostream& out);

// The same with the module of another place.
int train_command(const std::vector<std::string>& arguments, std::ostream& out,
                  const std::filesystem::path& module);

}  // namespace weir
