// How good the weights of a forecaster are on streams that no training has seen, stored with them.

#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace weir {

struct HeldOutOptions {
  int seed_count = 3;
  std::size_t bin_count = 3600;
  double rate_per_s = 300;
};

// Scores the weights in the file and adds one attribute per generated stream, "held_out.STREAM", to
// them. Returns the same as one line each.
std::vector<std::string> add_held_out_figures(const std::filesystem::path& weights,
                                              const HeldOutOptions& options);

}  // namespace weir
