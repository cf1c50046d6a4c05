// Draws from a fixed discrete distribution in constant time. M. D. Vose, "A linear algorithm for
// generating random numbers with a given distribution", IEEE Trans. Software Engineering 17(9),
// 1991.
//
// n columns of height 1/n each hold part of at most two outcomes: column i belongs to i up to
// keep[i], and to other[i] above. A draw is one column and one height.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir {

class AliasTable {
 public:
  // Weights are not negative and not all zero. Linear; allocates.
  explicit AliasTable(std::span<const double> weights);

  // Position i with probability weights[i] / sum of weights; never one of weight zero.
  std::size_t draw(Random& random) const;

 private:
  struct Column {
    double keep = 1;
    std::uint32_t other = 0;
  };
  std::vector<Column> columns_;
};

}  // namespace weir
