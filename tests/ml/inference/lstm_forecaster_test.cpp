#include "ml/inference/lstm_forecaster.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "ml/inference/forecast_measures.hpp"
#include "runtime/base/random.hpp"
#include "tests/support/forecaster_weights.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

std::vector<StreamBin> noisy_bins(std::size_t count) {
  Random random(9);
  std::vector<StreamBin> bins;
  for (std::size_t i = 0; i < count; ++i) {
    const double tasks = std::round(200 + 30 * random.normal());
    bins.push_back({.count = tasks, .mean_work = 50, .p95_work = 90, .fano = 1.2});
  }
  return bins;
}

TEST(LstmForecaster, ForecastsTheNaiveForecastWhereTheNetworkAnswersNothing) {
  const ForecasterModel model(forecaster_weights(1, 8, 0), "zero.h5");
  LstmForecaster forecaster(model, model.series_of("finance", 86'400));
  Ewma ewma(0.3);
  for (const StreamBin& bin : noisy_bins(50)) {
    forecaster.update(bin);
    ewma.update(bin.count);
    EXPECT_NEAR(forecaster.uncalibrated()[3][kMedian], ewma.forecast(30), 1e-9);
  }
}

TEST(LstmForecaster, KeepsEveryForecastInOrderAndAboveZero) {
  for (const double size : {0.1, 1.0, 5.0}) {
    const ForecasterModel model(forecaster_weights(2, 8, size), "made_up.h5");
    LstmForecaster forecaster(model, model.series_of("iot", 86'400));
    for (const StreamBin& bin : noisy_bins(400)) {
      forecaster.update(bin);
      for (const Forecast* forecast : {&forecaster.forecast(), &forecaster.uncalibrated()}) {
        for (const QuantileCounts& horizon : *forecast) {
          ASSERT_TRUE(std::ranges::is_sorted(horizon));
          ASSERT_GE(horizon.front(), 0);
        }
      }
    }
  }
}

TEST(LstmForecaster, IsCalibratedWhateverItsWeights) {
  const ForecasterModel model(forecaster_weights(3), "made_up.h5");
  LstmForecaster forecaster(model, model.series_of("social", 600));
  const auto bins = noisy_bins(4000);
  std::vector<double> actual;
  std::vector<double> q95;
  for (std::size_t now = 0; now + 1 < bins.size(); ++now) {
    forecaster.update(bins[now]);
    if (now < 1000) continue;
    actual.push_back(bins[now + 1].count);
    q95.push_back(forecaster.forecast()[0][kQuantile95]);
  }
  EXPECT_NEAR(coverage(actual, q95), 0.95, 0.02);
}

TEST(ForecasterModel, TakesTheBaseOfAKindFromItsWeights) {
  WeightFile weights = forecaster_weights(1);
  weights.provenance["base.iot"] = std::string("holt_winters");
  const ForecasterModel model(weights, "w.h5");
  EXPECT_EQ(model.series_of("iot", 600).base, NaiveForecasts::kHoltWinters);
  EXPECT_EQ(model.series_of("finance", 600).base, NaiveForecasts::kEwma);
  EXPECT_EQ(model.series_of("something else", 600).kind, model.series_of("social", 600).kind);
}

TEST(ForecasterModel, ComesFromAFile) {
  const ScratchFolder folder;
  write_weights(forecaster_weights(1), folder / "w.h5");
  EXPECT_EQ(ForecasterModel(folder / "w.h5").network().output_count(), kForecastOutputCount);
}

TEST(ForecasterModel, RefusesABaseThatDoesNotExist) {
  WeightFile weights = forecaster_weights(1);
  weights.provenance["base.social"] = std::string("oracle");
  const std::string report = refusal([&] { ForecasterModel(weights, "w.h5"); });
  EXPECT_NE(report.find("base.social is 'oracle'"), std::string::npos) << report;
  weights.provenance.erase("base.social");
  EXPECT_NE(refusal([&] { ForecasterModel(weights, "w.h5"); }), kNothingRefused);
}

}  // namespace
}  // namespace weir
