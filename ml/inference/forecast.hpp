// What a forecaster says about one stream: how many tasks the bins of time to come will hold.
//
// A forecast for horizon h, made at the end of a bin, is about the count of the h-th bin after it:
// of that bin alone, not a mean over the way there.

#pragma once

#include <array>
#include <cstddef>

#include "runtime/base/time.hpp"

namespace weir {

inline constexpr Duration kForecastBin = std::chrono::seconds(1);

inline constexpr std::array<int, 5> kHorizons{1, 5, 15, 30, 60};  // in bins
inline constexpr std::size_t kHorizonCount = kHorizons.size();

inline constexpr std::array<double, 5> kQuantiles{0.1, 0.5, 0.9, 0.95, 0.99};
inline constexpr std::size_t kQuantileCount = kQuantiles.size();
inline constexpr std::size_t kMedian = 1;      // positions in kQuantiles
inline constexpr std::size_t kQuantile95 = 3;  // of head room

// Of one horizon: counts, in the order of kQuantiles. They never decrease, and none is negative.
using QuantileCounts = std::array<double, kQuantileCount>;

// In the order of kHorizons.
using Forecast = std::array<QuantileCounts, kHorizonCount>;

}  // namespace weir
