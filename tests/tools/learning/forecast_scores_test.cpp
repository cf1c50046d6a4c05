#include "tools/learning/forecast_scores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "runtime/base/random.hpp"
#include "tests/support/forecaster_weights.hpp"

namespace weir {
namespace {

const ForecasterModel& model() {
  static const ForecasterModel made_up(forecaster_weights(1, 8, 0.05), "made_up.h5");
  return made_up;
}

StreamUnderTest noise() {
  StreamUnderTest stream{.name = "noise", .kernel = "social", .bins = {}};
  Random random(5);
  for (int i = 0; i < 1600; ++i) {
    stream.bins.push_back({.count = std::round(100 + 10 * random.normal())});
  }
  return stream;
}

const ForecastScore& score_of(const std::vector<ForecastScore>& scores, const std::string& method) {
  return *std::ranges::find(scores, method, &ForecastScore::method);
}

TEST(ForecastScores, NameTheLstmAndEveryBaseline) {
  const auto scores = score_forecasts(noise(), model());
  ASSERT_EQ(scores.size(), 8u);
  EXPECT_EQ(scores[0].method, "lstm");
  EXPECT_EQ(scores[1].method, "lstm_uncalibrated");
  EXPECT_EQ(scores.back().method, "dlinear");
}

// White noise of deviation s: a change is 2 s / sqrt(pi) on average, the error of the mean is
// s sqrt(2 / pi): their ratio is 0.707, and the last value's own is 1.
TEST(ForecastScores, OfWhiteNoiseAreWhatTheoryGives) {
  const auto scores = score_forecasts(noise(), model());
  EXPECT_NEAR(score_of(scores, "last_value").horizons[0].mase, 1, 0.06);
  EXPECT_NEAR(score_of(scores, "ewma").horizons[2].mase, 0.707, 0.05);
  EXPECT_NEAR(score_of(scores, "ewma").horizons[2].coverage95, 0.95, 0.025);
}

TEST(ForecastScores, FallWithNothingButTheSecondHalf) {
  StreamUnderTest calm = noise();
  StreamUnderTest other_end = noise();
  for (std::size_t i = 1500; i < 1600; ++i) other_end.bins[i].count = 500;
  const double calm_loss = score_of(score_forecasts(calm, model()), "ewma").mean().pinball;
  const double other_loss = score_of(score_forecasts(other_end, model()), "ewma").mean().pinball;
  EXPECT_GT(other_loss, 2 * calm_loss) << "in units of the first half, which is the same";
}

TEST(ForecastScores, AreGivenForADayOfAnyLength) {
  for (const double day_s : {0.0, 1.0, 1.9, 2.0, 266.0, 267.0, 1e18}) {
    StreamUnderTest stream = noise();
    stream.day_s = day_s;
    EXPECT_EQ(score_forecasts(stream, model()).size(), 8u) << day_s;
  }
}

TEST(ForecastScores, OfAGeneratorAreOnesOfEverySeedAndTheirMean) {
  const auto scores = score_held_out("finance:hawkes", 2, 50, 800, model());
  ASSERT_EQ(scores.size(), 2u);
  const double first = scores[0][0].horizons[1].pinball;
  const double second = scores[1][0].horizons[1].pinball;
  EXPECT_NE(first, second);
  EXPECT_NEAR(mean_of(scores)[0].horizons[1].pinball, (first + second) / 2, 1e-12);
}

ForecastScore score_with(const std::string& method, double pinball) {
  ForecastScore score{.method = method};
  for (HorizonScore& horizon : score.horizons) horizon.pinball = pinball;
  return score;
}

TEST(ForecastRatio, IsThatToTheBaselineWithTheLeastLossOnTheSameStreams) {
  std::vector<std::vector<ForecastScore>> scores;
  for (const double difficulty : {1.0, 2.0, 4.0, 8.0, 9.0, 11.0}) {
    scores.push_back({score_with("lstm", 0.9 * difficulty),
                      score_with("lstm_uncalibrated", 0.1 * difficulty),
                      score_with("last_value", 2 * difficulty), score_with("ewma", difficulty)});
  }
  const ForecastRatio ratio = against_best_baseline(scores, &HorizonScore::pinball);
  EXPECT_EQ(ratio.baseline, "ewma");
  EXPECT_NEAR(ratio.loss.ratio, 0.9, 1e-9);
  EXPECT_NEAR(ratio.loss.high, 0.9, 1e-9) << "every stream agrees";
}

TEST(ForecastScores, AreTakenOnAllGeneratorsButThePoissonProcesses) {
  const auto names = scored_streams();
  EXPECT_NE(std::ranges::find(names, "iot:phones"), names.end());
  EXPECT_EQ(std::ranges::find(names, "iot:poisson"), names.end());
}

}  // namespace
}  // namespace weir
