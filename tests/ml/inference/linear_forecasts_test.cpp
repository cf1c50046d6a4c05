#include "ml/inference/linear_forecasts.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

double wave(int bin) { return 100 + 40 * std::sin(2 * std::numbers::pi * bin / 40); }

std::vector<double> waves(int bins) {
  std::vector<double> counts;
  for (int bin = 0; bin < bins; ++bin) counts.push_back(wave(bin));
  return counts;
}

class LinearForecastOfAWave : public testing::TestWithParam<LinearForm> {};

TEST_P(LinearForecastOfAWave, FindsItsPeriod) {
  LinearForecast linear(GetParam(), waves(800));
  for (int bin = 800; bin < 950; ++bin) linear.update(wave(bin));
  for (const int horizon : kHorizons) {
    EXPECT_NEAR(linear.forecast(horizon), wave(949 + horizon), 1) << horizon;
  }
}

INSTANTIATE_TEST_SUITE_P(Forms, LinearForecastOfAWave,
                         testing::Values(LinearForm::kNLinear, LinearForm::kDLinear));

TEST(LinearForecast, OfAConstantIsThatConstant) {
  for (const LinearForm form : {LinearForm::kNLinear, LinearForm::kDLinear}) {
    LinearForecast linear(form, std::vector<double>(400, 25.0));
    linear.update(25);
    EXPECT_NEAR(linear.forecast(60), 25, 1e-9);
  }
}

// Where a count keeps half of its deviation, the best forecast does, too: 50 away from the mean.
TEST(LinearForecast, ReturnsToTheMeanAsTheSeriesDoes) {
  Random random(3);
  std::vector<double> counts{1000};
  while (counts.size() < 8000) {
    counts.push_back(1000 + 0.5 * (counts.back() - 1000) + 30 * random.normal());
  }
  for (const LinearForm form : {LinearForm::kNLinear, LinearForm::kDLinear}) {
    LinearForecast linear(form, counts);
    for (int i = 0; i < 200; ++i) linear.update(1000);
    linear.update(1100);
    EXPECT_NEAR(linear.forecast(1), 1050, 12);
    EXPECT_NEAR(linear.forecast(30), 1000, 12);
  }
}

TEST(LinearForecastDeathTest, RefusesTooShortASpanAndUnknownHorizons) {
  EXPECT_DEATH(LinearForecast(LinearForm::kNLinear, waves(300)), "too few counts");
  EXPECT_DEATH((void)LinearForecast(LinearForm::kNLinear, waves(400)).forecast(2),
               "a horizon that was not fitted");
}

}  // namespace
}  // namespace weir
