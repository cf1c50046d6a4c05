// A feature of a Q-network as the network is given it, whatever nodes tell.

#pragma once

#include <algorithm>
#include <cmath>

namespace weir {

// No feature is beyond this, on either side.
inline constexpr double kMostFeature = 4;

// What is no number counts as nothing unusual: zero.
inline float bounded_feature(double feature) {
  return std::isfinite(feature)
             ? static_cast<float>(std::clamp(feature, -kMostFeature, kMostFeature))
             : 0;
}

}  // namespace weir
