// What is said when bad input is refused.

#pragma once

#include <string>

#include "runtime/base/error.hpp"

namespace weir {

inline constexpr const char* kNothingRefused = "nothing was refused";

// The report of the Error that `action` throws.
template <typename Action>
std::string refusal(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.report();
  }
  return kNothingRefused;
}

}  // namespace weir
