#include "ml/inference/baseline_forecaster.hpp"

#include <gtest/gtest.h>

#include "ml/inference/forecast_measures.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

// A level with even noise of up to 20 either way, and in every 60th bin a burst.
std::vector<double> noisy_season(std::size_t bins) {
  Random random(7);
  std::vector<double> counts;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    counts.push_back(100 + 40 * random.uniform() - 20 + (bin % 60 == 30 ? 300 : 0));
  }
  return counts;
}

class EveryBaseline : public testing::TestWithParam<std::string_view> {};

TEST_P(EveryBaseline, HasOrderedQuantilesThatCoverTheirShare) {
  const auto counts = noisy_season(4000);
  const std::span all(counts);
  BaselineForecaster baseline(GetParam(), all.first(2000));
  std::vector<double> actual;
  std::vector<double> q95;
  for (std::size_t now = 2000; now + 1 < counts.size(); ++now) {
    baseline.update(counts[now]);
    const Forecast forecast = baseline.forecast();
    for (const QuantileCounts& horizon : forecast) {
      EXPECT_TRUE(std::ranges::is_sorted(horizon));
      EXPECT_GE(horizon.front(), 0);
    }
    actual.push_back(counts[now + 1]);
    q95.push_back(forecast[0][kQuantile95]);
  }
  EXPECT_NEAR(coverage(actual, q95), 0.95, 0.025);
}

INSTANTIATE_TEST_SUITE_P(Names, EveryBaseline, testing::ValuesIn(kBaselineNames));

TEST(BaselineForecaster, FindsThePeriodOfTheSeason) {
  const auto counts = noisy_season(1200);
  BaselineForecaster seasonal("seasonal_naive", counts, {.periods = {5, 60, 600}});
  BaselineForecaster winters("holt_winters", counts, {.periods = {5, 60, 600}});
  for (std::size_t bin = 1200; bin < 1230; ++bin) {
    seasonal.update(100);
    winters.update(100);
  }
  EXPECT_GT(seasonal.forecast()[0][kMedian], 300);
  EXPECT_GT(winters.forecast()[0][kMedian], 300);
}

TEST(BaselineForecaster, SmoothsWhatIsNoise) {
  Random random(2);
  std::vector<double> counts;
  for (int i = 0; i < 2000; ++i) counts.push_back(100 + 20 * random.normal());
  BaselineForecaster ewma("ewma", counts);
  ewma.update(100 + 60);
  EXPECT_NEAR(ewma.forecast()[0][kMedian], 100, 6);
}

TEST(BaselineForecasterDeathTest, RefusesAnUnknownNameAndTooShortASpan) {
  EXPECT_DEATH(BaselineForecaster("oracle", noisy_season(400)), "no such baseline");
  EXPECT_DEATH(BaselineForecaster("ewma", noisy_season(300)), "too few counts");
}

}  // namespace
}  // namespace weir
