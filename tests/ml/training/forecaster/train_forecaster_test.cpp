#include "ml/training/forecaster/train_forecaster.hpp"

#include <gtest/gtest.h>

#include "ml/inference/lstm_forecaster.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

class TrainForecaster : public testing::Test {
 protected:
  ForecasterPlan plan(const std::string& name) const {
    ForecasterPlan plan = forecaster_plan("quick", 3);
    plan.training.per_kind = 2;
    plan.training.bin_count = 300;
    plan.learning.hidden_count = 8;
    plan.weights = folder / (name + ".h5");
    plan.checkpoint = folder / (name + ".checkpoint");
    return plan;
  }

  ScratchFolder folder;
};

bool go_on(const ForecasterProgress&) { return true; }

TEST_F(TrainForecaster, WritesWeightsThatSayWhereTheyComeFrom) {
  ForecasterPlan one = plan("one");
  one.provenance["date"] = std::string("today");
  const ForecasterTraining training = train_forecaster(one, go_on);
  EXPECT_EQ(training.epochs.size(), 4u);
  const WeightFile weights = read_weights(one.weights, "forecaster", kForecasterSchema);
  EXPECT_EQ(std::get<std::int64_t>(weights.provenance.at("seed")), 3);
  EXPECT_EQ(std::get<std::int64_t>(weights.provenance.at("epoch")), training.best_epoch);
  EXPECT_EQ(std::get<std::string>(weights.provenance.at("date")), "today");
  EXPECT_NO_THROW(ForecasterModel{one.weights});
  EXPECT_EQ(folder.names(), std::vector<std::string>{"one.h5"}) << "no checkpoint is left";
}

TEST_F(TrainForecaster, GivesTheSameWeightsWhenItWasStoppedAndResumed) {
  train_forecaster(plan("whole"), go_on);
  ForecasterPlan halved = plan("halved");
  const auto until_two = [](const ForecasterProgress& at) {
    return at.stage != "epochs" || at.done < 2;
  };
  EXPECT_TRUE(train_forecaster(halved, until_two).stopped);
  EXPECT_TRUE(std::filesystem::exists(halved.checkpoint));
  halved.resume = true;
  EXPECT_FALSE(train_forecaster(halved, go_on).stopped);
  const auto whole = read_weights(plan("whole").weights, "forecaster", kForecasterSchema);
  const auto resumed = read_weights(halved.weights, "forecaster", kForecasterSchema);
  EXPECT_EQ(whole.tensors, resumed.tensors);
  EXPECT_EQ(whole.provenance, resumed.provenance);
}

TEST_F(TrainForecaster, RefusesToResumeWhatWasNeverStarted) {
  ForecasterPlan none = plan("none");
  none.resume = true;
  EXPECT_NE(refusal([&] { train_forecaster(none, go_on); }), kNothingRefused);
}

TEST(ForecasterPlan, TakesOtherStreamsForAnotherSeed) {
  EXPECT_NE(forecaster_plan("shipped", 1).training.first_seed,
            forecaster_plan("shipped", 2).training.first_seed);
  EXPECT_GE(forecaster_plan("shipped", 1).training.first_seed, 1'000'000u)
      << "seeds below are for evaluation";
}

TEST(ForecasterPlan, RefusesAnUnknownPreset) {
  const std::string report = refusal([] { forecaster_plan("huge", 1); });
  EXPECT_NE(report.find("'huge'"), std::string::npos) << report;
}

}  // namespace
}  // namespace weir
