// Draws from a discrete distribution that changes often: made in one pass without allocating, drawn
// from in log n. (alias_table.hpp draws in constant time and is dearer to make.)

#pragma once

#include <cstddef>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir {

class CumulativeDraw {
 public:
  void clear() { sums_.clear(); }
  // The next outcome; weight >= 0.
  void add(double weight);

  std::size_t size() const { return sums_.size(); }
  double total() const { return sums_.empty() ? 0 : sums_.back(); }

  // Position i with probability weight i / total; never one of weight zero. total() > 0.
  std::size_t draw(Random& random) const;

 private:
  std::vector<double> sums_;
};

}  // namespace weir
