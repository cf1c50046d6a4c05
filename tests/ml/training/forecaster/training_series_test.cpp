#include "ml/training/forecaster/training_series.hpp"

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

BinnedStream stream_of(std::size_t kind, const std::vector<double>& counts) {
  BinnedStream stream{.kind = kind, .bins = {}};
  for (const double count : counts) stream.bins.push_back({.count = count});
  return stream;
}

std::vector<double> seasonal_counts() {
  std::vector<double> counts;
  for (int i = 0; i < 600; ++i) counts.push_back(i % 60 < 3 ? 500 : 10);
  return counts;
}

std::vector<double> noise() {
  Random random(1);
  std::vector<double> counts;
  for (int i = 0; i < 600; ++i) counts.push_back(100 + 10 * random.normal());
  return counts;
}

TEST(BestBases, ChooseTheSeasonWhereThereIsOneAndASmoothMeanForNoise) {
  const NaiveBases bases = best_bases({stream_of(0, noise()), stream_of(2, seasonal_counts())});
  EXPECT_NE(bases[0], NaiveForecasts::kLastValue);
  EXPECT_NE(bases[0], NaiveForecasts::kSeasonalNaive);
  EXPECT_TRUE(bases[2] == NaiveForecasts::kSeasonalNaive ||
              bases[2] == NaiveForecasts::kHoltWinters);
  EXPECT_EQ(bases[1], NaiveForecasts::kLastValue) << "no stream of this kind";
}

TEST(TrainingSeriesOf, AStreamHasTargetsThatGiveTheCountsBack) {
  const std::vector<double> counts = noise();
  const BinnedStream stream = stream_of(0, counts);
  const TrainingSeries series = training_series(stream, {NaiveForecasts::kEwma});
  ForecastFeatures features({.kind = 0, .base = NaiveForecasts::kEwma});
  for (std::size_t now = 0; now < 400; ++now) {
    features.update(stream.bins[now]);
    if (now < 120) continue;
    const double target = series.targets[now * kHorizonCount + 1];
    EXPECT_EQ(series.known[now * kHorizonCount + 1], 1);
    EXPECT_NEAR(features.base(1) + features.unit() * target, counts[now + 5], 1e-3);
  }
}

TEST(TrainingSeriesOf, AStreamKnowsNothingOfItsWarmUpAndBeyondItsEnd) {
  const TrainingSeries series = training_series(stream_of(0, noise()), {});
  EXPECT_EQ(series.bin_count, 600u);
  EXPECT_EQ(series.inputs.size(), 600 * kForecastInputCount);
  EXPECT_EQ(series.known[119 * kHorizonCount], 0);
  EXPECT_EQ(series.known[120 * kHorizonCount], 1);
  EXPECT_EQ(series.known[539 * kHorizonCount + 4], 1);
  EXPECT_EQ(series.known[540 * kHorizonCount + 4], 0) << "60 bins before the end";
}

}  // namespace
}  // namespace weir
