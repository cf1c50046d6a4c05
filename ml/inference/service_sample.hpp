// What one task teaches of service times, and how much an estimator is wrong about it.

#pragma once

#include <algorithm>
#include <cmath>

#include "ml/inference/service_estimator.hpp"

namespace weir {

struct ServiceSample {
  ServiceFeatures features{};
  float ratio = 1;  // service over what was told, above zero
};

// Of heavy-tailed sizes one would else be worth all others: larger ratios count as this.
inline constexpr float kMostServiceRatio = 20;

// The negative log likelihood of a task that took `ratio` times what was told, sizes taken as
// exponential and their mean corrected by e^correction. As told: the correction is zero.
inline double service_loss(double ratio, double correction) {
  return correction + std::min<double>(ratio, kMostServiceRatio) * std::exp(-correction);
}

}  // namespace weir
