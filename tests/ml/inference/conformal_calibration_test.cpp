#include "ml/inference/conformal_calibration.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "ml/inference/forecast_measures.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

// The quantiles of a normal distribution around `mean` for every horizon.
Forecast normal_forecast(double mean, double deviation) {
  constexpr QuantileCounts kScores{-1.2816, 0, 1.2816, 1.6449, 2.3263};
  Forecast forecast{};
  for (QuantileCounts& horizon : forecast) {
    for (std::size_t q = 0; q < kQuantileCount; ++q) horizon[q] = mean + deviation * kScores[q];
  }
  return forecast;
}

struct Covered {
  std::vector<double> actual;
  std::vector<double> q95;
  std::vector<double> uncalibrated;
  double share() const { return coverage(actual, q95); }
  double uncalibrated_share() const { return coverage(actual, uncalibrated); }
};

// Forecasts mean 100 and deviation 10 all the time, while the series does what it likes. Looks at
// one horizon from bin `begin` on.
template <typename Series>
Covered run(std::size_t h, int begin, int bins, const Series& series) {
  ConformalCalibration calibration;
  Covered covered;
  const Forecast forecast = normal_forecast(100, 10);
  std::vector<double> q95;
  for (int now = 0; now < bins; ++now) {
    const double count = series(now);
    const int made = now - kHorizons[h];
    if (made >= begin) {
      covered.actual.push_back(count);
      covered.q95.push_back(q95[static_cast<std::size_t>(made)]);
      covered.uncalibrated.push_back(forecast[h][kQuantile95]);
    }
    calibration.update(count);
    q95.push_back(calibration.adjust(forecast)[h][kQuantile95]);
  }
  return covered;
}

TEST(ConformalCalibration, LeavesForecastsThatAreRightAsTheyAre) {
  Random random(1);
  ConformalCalibration calibration;
  Forecast last{};
  for (int i = 0; i < 3000; ++i) {
    calibration.update(100 + 10 * random.normal());
    last = calibration.adjust(normal_forecast(100, 10));
  }
  EXPECT_NEAR(last[0][kMedian], 100, 2);
  EXPECT_NEAR(last[2][kQuantile95], 116.4, 4);
}

TEST(ConformalCalibration, ReachesItsCoverageOnASeriesThatHasShifted) {
  for (const std::size_t h : {0, 2, 4}) {
    Random random(2);
    const auto shifted = [&](int now) { return (now < 1000 ? 100 : 150) + 20 * random.normal(); };
    const Covered covered = run(h, 2000, 6000, shifted);
    EXPECT_LT(covered.uncalibrated_share(), 0.1) << kHorizons[h];
    EXPECT_NEAR(covered.share(), 0.95, 0.015) << kHorizons[h];
  }
}

TEST(ConformalCalibration, HoldsItsCoverageInTheLongRunWhileTheSeriesKeepsDrifting) {
  Random random(3);
  const auto drifting = [&](int now) { return 100 + 0.01 * now + 20 * random.normal(); };
  EXPECT_NEAR(run(0, 500, 20'000, drifting).share(), 0.95, 0.015);
}

TEST(ConformalCalibration, KeepsQuantilesInOrderAndAboveZero) {
  Random random(4);
  ConformalCalibration calibration({.window = 20, .least_scores = 2, .rate = 0.2});
  for (int i = 0; i < 2000; ++i) {
    calibration.update(random.uniform() < 0.5 ? 0 : 300 * random.uniform());
    for (const QuantileCounts& horizon : calibration.adjust(normal_forecast(20, 10))) {
      ASSERT_TRUE(std::ranges::is_sorted(horizon));
      ASSERT_GE(horizon.front(), 0);
    }
  }
}

TEST(ConformalCalibration, ChangesNothingBeforeItHasSeenEnough) {
  ConformalCalibration calibration({.least_scores = 50});
  for (int i = 0; i < 49; ++i) {
    calibration.update(500);
    EXPECT_EQ(calibration.adjust(normal_forecast(100, 10)), normal_forecast(100, 10));
  }
}

}  // namespace
}  // namespace weir
