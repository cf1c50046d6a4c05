// The weights that an option of control names: "none", "shipped", or a file.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ml/inference/weight_file.hpp"

namespace weir {

struct ControlWeights {
  std::string kind;
  std::int64_t schema = 0;
  std::string option;   // by which they are named, as "--control"
  std::string trained;  // how a file of them comes about, as "weir train control"
};

// Nothing for "none". Throws Error for "shipped" where none come with weir, and as read_weights()
// does.
std::optional<WeightFile> control_weights_of(const ControlWeights& wanted,
                                             const std::string& source);

}  // namespace weir
