#include "runtime/policy/water_filling.hpp"

#include <algorithm>

#include "runtime/base/check.hpp"

namespace weir {

double WaterFilling::level(double amount) {
  WEIR_CHECK(!vessels_.empty() && amount >= 0, "nothing to fill, or less than nothing to pour");
  std::ranges::sort(vessels_, {}, &Vessel::height);
  double width = 0;
  double level = vessels_.front().height;
  for (const Vessel& vessel : vessels_) {
    const double needed = width * (vessel.height - level);  // to reach this vessel's content
    if (needed > amount) break;
    amount -= needed;
    level = vessel.height;
    width += vessel.width;
  }
  return level + amount / width;
}

}  // namespace weir
