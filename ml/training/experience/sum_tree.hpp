// Weights that can be changed and drawn from in logarithmic time: a binary tree in which every node
// holds the sum of the two below it. Sums are made anew from below on every change, so that no
// error grows, and the same weights give the same tree however they came about.

#pragma once

#include <cstddef>
#include <vector>

namespace weir {

class SumTree {
 public:
  // All weights are zero. At least one.
  explicit SumTree(std::size_t count);

  // Not negative, and finite.
  void set(std::size_t place, double weight);
  double weight(std::size_t place) const { return sums_[leaves_ + place]; }
  double total() const { return sums_[1]; }

  // The place at which the sum of the weights up to it first exceeds `mass`, which is in [0,
  // total()). Never one of weight zero. The total is above zero.
  std::size_t find(double mass) const;

 private:
  std::size_t leaves_ = 1;    // a power of two
  std::vector<double> sums_;  // of node i; below it are 2i and 2i+1; the root is 1
};

}  // namespace weir
