#include "ml/inference/forecast_features.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr std::size_t kMinuteSine = 5;
constexpr std::size_t kDayCosine = 10;
constexpr std::size_t kAnnounced = 11;
constexpr std::size_t kFirstKind = 15;

ForecastFeatures fed(const ForecastSeries& series, int bins, double scale = 1) {
  ForecastFeatures features(series);
  Random random(4);
  for (int i = 0; i < bins; ++i) {
    features.update({.count = scale * std::round(100 + 10 * random.normal())});
  }
  return features;
}

TEST(ForecastFeatures, FillEveryInputWithFiniteNumbersFromTheFirstBinOn) {
  ForecastFeatures features({});
  for (const double count : {0.0, 0.0, 1e7, 0.0, 3.0}) {
    features.update({.count = count, .mean_work = count / 7, .p95_work = count, .fano = count});
    for (const float input : features.inputs()) {
      EXPECT_TRUE(std::isfinite(input));
      EXPECT_LE(std::abs(input), 10);
    }
    EXPECT_GT(features.unit(), 0);
  }
}

TEST(ForecastFeatures, KnowTheTimeOfMinuteAndOfTheStreamsOwnDay) {
  const ForecastFeatures features = fed({.day_s = 600}, 75);
  EXPECT_NEAR(features.inputs()[kMinuteSine], 1, 1e-6) << "a quarter past the minute";
  EXPECT_NEAR(features.inputs()[kDayCosine], std::cos(2 * std::numbers::pi * 75 / 600), 1e-6);
}

TEST(ForecastFeatures, KnowOfAnnouncedEventsAndHowSoonTheyBegin) {
  ForecastFeatures features({});
  features.update({.count = 5, .event_in_s = 25});
  EXPECT_EQ(features.inputs()[kAnnounced], 1);
  EXPECT_EQ(features.inputs()[kAnnounced + 1], 2.5F);
  features.update({.count = 5});
  EXPECT_EQ(features.inputs()[kAnnounced], 0);
}

TEST(ForecastFeatures, TellTheKindOfStream) {
  const ForecastFeatures features = fed({.kind = 2}, 3);
  EXPECT_EQ(features.inputs()[kFirstKind], 0);
  EXPECT_EQ(features.inputs()[kFirstKind + 2], 1);
}

TEST(ForecastFeatures, TakeBaseAndUnitFromTheNaiveForecastAndItsErrors) {
  const ForecastFeatures features = fed({.base = NaiveForecasts::kEwma}, 600);
  EXPECT_NEAR(features.base(0), 100, 15);
  EXPECT_EQ(features.base(0), features.base(4));
  // Of noise with deviation 10, plus that of the mean of a few bins: about 8.7 in the mean.
  EXPECT_NEAR(features.unit(), 8.7, 2.5);
}

TEST(ForecastFeatures, CompareWithLevelsSoThatScaleDoesNotMatter) {
  const ForecastFeatures small = fed({}, 300);
  const ForecastFeatures large = fed({}, 300, 50);
  for (std::size_t i = 18; i < kForecastInputCount; ++i) {
    EXPECT_NEAR(small.inputs()[i], large.inputs()[i], 1e-4) << i;
  }
  EXPECT_NEAR(50 * small.unit(), large.unit(), 1e-6 * large.unit());
}

}  // namespace
}  // namespace weir
