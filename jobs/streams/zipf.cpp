#include "jobs/streams/zipf.hpp"

#include <cmath>

#include "runtime/base/check.hpp"

namespace weir {

Zipf::Zipf(std::uint32_t item_count, double exponent) : keep_(item_count), alias_(item_count) {
  WEIR_CHECK(item_count > 0, "a Zipf law over no items");
  double total = 0;
  for (std::uint32_t i = 0; i < item_count; ++i) total += std::pow(i + 1.0, -exponent);

  std::vector<std::uint32_t> poor;
  std::vector<std::uint32_t> rich;
  for (std::uint32_t i = 0; i < item_count; ++i) {
    keep_[i] = std::pow(i + 1.0, -exponent) / total * item_count;
    alias_[i] = i;
    (keep_[i] < 1 ? poor : rich).push_back(i);
  }
  while (!poor.empty() && !rich.empty()) {
    const std::uint32_t needy = poor.back();
    const std::uint32_t donor = rich.back();
    poor.pop_back();
    alias_[needy] = donor;
    keep_[donor] -= 1 - keep_[needy];
    if (keep_[donor] < 1) {
      rich.pop_back();
      poor.push_back(donor);
    }
  }
  // What is left differs from 1 by rounding only.
  for (const std::uint32_t i : poor) keep_[i] = 1;
}

std::uint32_t Zipf::draw(Random& random) const {
  const double place = random.uniform() * static_cast<double>(keep_.size());
  const auto item = static_cast<std::uint32_t>(place);
  return place - item < keep_[item] ? item : alias_[item];
}

}  // namespace weir
