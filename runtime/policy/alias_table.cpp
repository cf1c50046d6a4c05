#include "runtime/policy/alias_table.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "runtime/base/check.hpp"

namespace weir {

AliasTable::AliasTable(std::span<const double> weights) : columns_(weights.size()) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  WEIR_CHECK(total > 0, "all weights are zero");

  // Heights in units of a column, so that their mean is 1.
  std::vector<double> height(weights.size());
  std::vector<std::uint32_t> small, large;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    WEIR_CHECK(weights[i] >= 0, "a weight is negative");
    height[i] = weights[i] * static_cast<double>(weights.size()) / total;
    (height[i] < 1 ? small : large).push_back(static_cast<std::uint32_t>(i));
  }

  // Each small outcome fills its own column as far as it goes; a large one gives the rest.
  while (!small.empty() && !large.empty()) {
    const std::uint32_t low = small.back();
    const std::uint32_t high = large.back();
    small.pop_back();
    columns_[low] = {height[low], high};
    height[high] -= 1 - height[low];
    if (height[high] < 1) {
      large.pop_back();
      small.push_back(high);
    }
  }

  // What is left should be exactly full and is off by rounding: it keeps its column. Only an
  // outcome of weight zero must not.
  const auto heaviest = static_cast<std::uint32_t>(
      std::distance(weights.begin(), std::max_element(weights.begin(), weights.end())));
  for (const std::uint32_t i : large) columns_[i] = {1, i};
  for (const std::uint32_t i : small) {
    columns_[i] = weights[i] > 0 ? Column{1, i} : Column{0, heaviest};
  }
}

std::size_t AliasTable::draw(Random& random) const {
  const std::size_t column = random.below(columns_.size());
  return random.uniform() < columns_[column].keep ? column : columns_[column].other;
}

}  // namespace weir
