#include "ml/inference/learned_demand.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "ml/inference/lstm_forecaster.hpp"
#include "ml/inference/weight_file.hpp"
#include "tests/support/forecaster_weights.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

// Weights of a seed in a file of their own.
struct SomeWeights {
  ScratchFolder folder;
  std::filesystem::path path = folder / "forecaster.h5";
  SomeWeights() { write_weights(forecaster_weights(1), path); }
};

double arrivals_at(int second) { return 100 + 10 * (second % 5); }

TEST(LearnedDemand, GivesEveryClassAForecasterOfItsKind) {
  const SomeWeights some;
  LearnedDemand demand({.weights = some.path,
                        .kinds = {"finance", "social"},
                        .day_s = 600,
                        .quantile = kQuantile95});
  const ForecasterModel model(some.path);
  LstmForecaster finance(model, model.series_of("finance", 86'400));
  LstmForecaster social(model, model.series_of("social", 600));
  for (int second = 0; second < 50; ++second) {
    const std::array<ArrivalBin, 2> bins{{{arrivals_at(second)}, {300, 12.0}}};
    demand.on_bin(bins);
    finance.update({.count = arrivals_at(second)});
    social.update({.count = 300, .event_in_s = 12.0});
  }
  for (std::size_t h = 0; h < kHorizonCount; ++h) {
    const auto of_finance = demand.forecast(ClassId(0), kHorizons[h]);
    EXPECT_EQ(of_finance.median, finance.forecast()[h][kMedian]);
    EXPECT_EQ(of_finance.high, finance.forecast()[h][kQuantile95]);
    EXPECT_EQ(demand.forecast(ClassId(1), kHorizons[h]).high, social.forecast()[h][kQuantile95]);
  }
}

TEST(LearnedDemand, DrawsALineBetweenHorizonsAndStaysBeyondThem) {
  const SomeWeights some;
  LearnedDemand demand({.weights = some.path, .kinds = {"iot"}});
  for (int second = 0; second < 50; ++second) {
    demand.on_bin(std::vector<ArrivalBin>{{arrivals_at(second)}});
  }
  const auto high = [&](double ahead_s) { return demand.forecast(ClassId(0), ahead_s).high; };
  EXPECT_NEAR(high(6), 0.9 * high(5) + 0.1 * high(15), 1e-9);
  EXPECT_NEAR(high(3), 0.5 * high(1) + 0.5 * high(5), 1e-9);
  EXPECT_EQ(high(0), high(1));
  EXPECT_EQ(high(600), high(60));
}

TEST(LearnedDemand, ForetellsNothingOfAClassThatItDoesNotKnow) {
  const SomeWeights some;
  LearnedDemand demand({.weights = some.path, .kinds = {"iot"}});
  demand.on_bin(std::vector<ArrivalBin>{{10}, {20}});
  EXPECT_TRUE(std::isnan(demand.forecast(ClassId(1), 5).high));
}

TEST(LearnedDemand, RefusesWeightsThatAreMissing) {
  const std::string report = refusal([] { LearnedDemand demand({.weights = "no/such.h5"}); });
  EXPECT_NE(report.find("found   no/such.h5"), std::string::npos) << report;
}

TEST(LearnedDemand, SharesAModelWithOthersAndSaysTheSame) {
  const SomeWeights some;
  const ForecasterModel model(some.path);
  LearnedDemand alone({.weights = some.path, .kinds = {"iot"}});
  LearnedDemand one(model, {.weights = {}, .kinds = {"iot"}});
  LearnedDemand other(model, {.weights = {}, .kinds = {"iot"}});
  for (int second = 0; second < 50; ++second) {
    const std::vector<ArrivalBin> bin{{arrivals_at(second)}};
    alone.on_bin(bin);
    one.on_bin(bin);
    other.on_bin(std::vector<ArrivalBin>{{7}});
  }
  EXPECT_EQ(one.forecast(ClassId(0), 1).median, alone.forecast(ClassId(0), 1).median);
  EXPECT_NE(other.forecast(ClassId(0), 1).median, one.forecast(ClassId(0), 1).median);
}

}  // namespace
}  // namespace weir
