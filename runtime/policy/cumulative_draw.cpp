#include "runtime/policy/cumulative_draw.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace weir {

void CumulativeDraw::add(double weight) {
  WEIR_CHECK(weight >= 0, "a weight is negative");
  sums_.push_back(total() + weight);
}

std::size_t CumulativeDraw::draw(Random& random) const {
  WEIR_CHECK(total() > 0, "all weights are zero");
  // The first sum above the point; rounding may put the point on the total itself.
  const double point = random.uniform() * total();
  const auto above = std::ranges::upper_bound(sums_, point);
  const auto found = above != sums_.end() ? above : std::ranges::lower_bound(sums_, total());
  return static_cast<std::size_t>(found - sums_.begin());
}

}  // namespace weir
