// A number that was drawn at random, as the value of a setting: three significant digits.

#pragma once

#include <cstdio>
#include <string>

namespace weir {

inline std::string drawn_setting(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", number);
  return text;
}

}  // namespace weir
