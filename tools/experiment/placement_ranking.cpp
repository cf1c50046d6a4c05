#include "tools/experiment/placement_ranking.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace weir {

double value_of(const Quantity& quantity, const RecordedPlacement& placement,
                const RecordedNode& node) {
  if (capacity(node.view) <= 0) return std::numeric_limits<double>::infinity();
  return quantity.of(placement, node);
}

std::vector<std::size_t> ranking_of(const RecordedPlacement& placement,
                                    std::span<const Quantity> quantities) {
  // The first quantity by which a node is in question, and its value.
  const auto standing = [&](std::size_t place) {
    std::pair<std::size_t, double> found{quantities.size(), 0};
    for (std::size_t i = quantities.size(); i > 0; --i) {
      const double value = value_of(quantities[i - 1], placement, placement.nodes[place]);
      if (std::isfinite(value)) found = {i - 1, value};
    }
    return found;
  };
  std::vector<std::size_t> order(placement.nodes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, standing);
  return order;
}

}  // namespace weir
