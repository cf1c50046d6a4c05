// Zipf's law: item r of n is drawn with probability proportional to 1 / (r + 1)^exponent.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir {

// By Walker's alias table (built as in M. Vose, 1991): one random number and two reads per draw,
// 12 bytes per item.
class Zipf {
 public:
  // item_count > 0; exponent 0 is uniform.
  Zipf(std::uint32_t item_count, double exponent);

  std::uint32_t draw(Random& random) const;

 private:
  std::vector<double> keep_;  // With this probability the item drawn stays, else its alias.
  std::vector<std::uint32_t> alias_;
};

}  // namespace weir
