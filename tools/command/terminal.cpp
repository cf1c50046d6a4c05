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

std::string cut_to_line(std::string text, int columns) {
  const auto room = static_cast<std::size_t>(std::max(0, columns - 1));
  text.resize(std::min(text.size(), room));
  return text;
}

}  // namespace weir
