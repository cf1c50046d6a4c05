#include "tools/command/time_text.hpp"

#include <array>
#include <cstdio>

namespace weir {

std::string time_text(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  std::array<char, 64> text{};
  if (whole < 60) {
    std::snprintf(text.data(), text.size(), "%ld s", whole);
  } else if (whole < 3600) {
    std::snprintf(text.data(), text.size(), "%ld min %ld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%ld h %ld min", whole / 3600, whole / 60 % 60);
  }
  return text.data();
}

}  // namespace weir
