// Whether a person watches. Inside a rank isatty() lies both ways, so `weir launch` says it in the
// environment: WEIR_TERMINAL=1 and WEIR_TERMINAL_COLUMNS.

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weir {

struct TerminalMode {
  bool attached = false;
  int columns = 100;
};

// As much of the text as one line shows. Its last column stays free: some terminals start a new
// line once it is filled.
std::string cut_to_line(std::string text, int columns);

TerminalMode terminal_mode(const std::vector<std::pair<std::string, std::string>>& environment);

}  // namespace weir
