// The weights in ml/weights, as they are used.

#include <gtest/gtest.h>

#include <algorithm>

#include "tools/learning/forecast_scores.hpp"

namespace weir {
namespace {

const std::filesystem::path kShipped =
    std::filesystem::path(WEIR_SOURCE_DIR) / "ml/weights/forecaster.h5";

// On Hawkes processes the best linear baseline is as good as it, give or take.
constexpr double kMostLoss = 1.005;

class ShippedForecaster : public testing::TestWithParam<const char*> {};

// On held-out seeds of the generators that it was taught on.
TEST_P(ShippedForecaster, LosesHalfAPercentMoreThanABaselineAtMostAndCoversWhatItPromises) {
  const auto scores = mean_of(score_held_out(GetParam(), 2, 300, 3600, ForecasterModel(kShipped)));
  const HorizonScore lstm = scores.front().mean();
  for (const ForecastScore& score : scores) {
    if (score.method.starts_with("lstm")) continue;
    EXPECT_LT(lstm.pinball, kMostLoss * score.mean().pinball) << score.method;
    EXPECT_LT(lstm.mase, kMostLoss * score.mean().mase) << score.method;
  }
  EXPECT_GT(lstm.coverage95, 0.93);
  EXPECT_LT(lstm.coverage95, 0.97);
}

INSTANTIATE_TEST_SUITE_P(Streams, ShippedForecaster,
                         testing::Values("finance", "finance:hawkes", "finance:opening", "social",
                                         "social:crowds", "iot"));

TEST(ShippedForecasterFile, IsSmallAndSaysWhereItComesFrom) {
  EXPECT_LE(std::filesystem::file_size(kShipped), 800u * 1024);
  const WeightFile weights = read_weights(kShipped, "forecaster", kForecasterSchema);
  for (const char* name : {"seed", "date", "preset", "epoch", "held_out.iot", "base.iot"}) {
    EXPECT_TRUE(weights.provenance.contains(name)) << name;
  }
}

}  // namespace
}  // namespace weir
