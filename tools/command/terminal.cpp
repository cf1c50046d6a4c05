#include "tools/command/terminal.hpp"

#include <algorithm>
#include <cstdlib>

namespace weir {

TerminalMode terminal_mode(const std::vector<std::pair<std::string, std::string>>& environment) {
  TerminalMode mode;
  for (const auto& [name, value] : environment) {
    if (name == "WEIR_TERMINAL") mode.attached = value == "1";
    if (name == "WEIR_TERMINAL_COLUMNS") {
      mode.columns = std::clamp(std::atoi(value.c_str()), 40, 1000);
    }
  }
  return mode;
}

}  // namespace weir
