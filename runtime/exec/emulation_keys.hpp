// The keys of an emulation spec: how the value of each is read, and within which bounds.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/exec/emulation_spec.hpp"

namespace weir {

inline constexpr int kMostEmulatedNodes = 1 << 20;

struct EmulationKey {
  std::string_view name;
  // Throws Error for a value that the key cannot have.
  std::function<void(EmulationSpec&, std::string_view value)> parse;
};

// In the order in which to show them.
std::vector<EmulationKey> emulation_keys();

std::string quoted(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace weir
