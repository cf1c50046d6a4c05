#include "ml/training/experience/sum_tree.hpp"

#include <bit>
#include <cmath>

#include "runtime/base/check.hpp"

namespace weir {

SumTree::SumTree(std::size_t count) : leaves_(std::bit_ceil(count)), sums_(2 * leaves_) {
  WEIR_CHECK(count > 0, "a tree without leaves");
}

void SumTree::set(std::size_t place, double weight) {
  WEIR_CHECK(place < leaves_ && weight >= 0 && std::isfinite(weight), "no such weight");
  std::size_t node = leaves_ + place;
  sums_[node] = weight;
  while (node > 1) {
    node /= 2;
    sums_[node] = sums_[2 * node] + sums_[2 * node + 1];
  }
}

std::size_t SumTree::find(double mass) const {
  WEIR_CHECK(total() > 0, "nothing to find");
  std::size_t node = 1;
  while (node < leaves_) {
    node *= 2;
    // Rounding can leave more mass than there is: never go where there is nothing.
    if (mass < sums_[node] || sums_[node + 1] == 0) continue;
    mass -= sums_[node];
    ++node;
  }
  return node - leaves_;
}

}  // namespace weir
