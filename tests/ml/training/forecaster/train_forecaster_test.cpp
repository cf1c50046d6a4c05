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

  // Refused before anything is done.
  static std::string refused_at_once(const ForecasterPlan& plan) {
    return refusal([&] {
      train_forecaster(plan, [](const ForecasterProgress& at) {
        ADD_FAILURE() << at.stage << ' ' << at.done;
        return false;
      });
    });
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
}

TEST_F(TrainForecaster, GivesTheSameWeightsWhenItWasStoppedAndResumed) {
  train_forecaster(plan("whole"), go_on);
  ForecasterPlan halved = plan("halved");
  const auto until_two = [](const ForecasterProgress& at) {
    return at.stage != "epochs" || at.done < 2;
  };
  EXPECT_TRUE(train_forecaster(halved, until_two).stopped);
  EXPECT_EQ(folder.names(),
            (std::vector<std::string>{"halved.checkpoint", "whole.checkpoint", "whole.h5"}))
      << "older weights stay until there are better ones";
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
  const std::string report = refused_at_once(none);
  EXPECT_NE(report.find("the training cannot be resumed"), std::string::npos) << report;
  EXPECT_NE(report.find("none.checkpoint"), std::string::npos) << report;
}

TEST_F(TrainForecaster, RefusesAPlaceThatCannotBeWrittenBeforeItMakesAStream) {
  ForecasterPlan nowhere = plan("nowhere");
  nowhere.weights = folder / "no" / "where.h5";
  const std::string weights = refused_at_once(nowhere);
  EXPECT_NE(weights.find("the weights cannot be written"), std::string::npos) << weights;
  nowhere = plan("nowhere");
  nowhere.checkpoint = folder.path();
  const std::string checkpoint = refused_at_once(nowhere);
  EXPECT_NE(checkpoint.find("the checkpoint cannot be written"), std::string::npos) << checkpoint;
  EXPECT_TRUE(folder.names().empty());
}

TEST_F(TrainForecaster, StopsWhileItsStreamsAreMadeAndLeavesNothing) {
  for (const int last : {2, 7}) {  // Of six to learn from and three to validate on.
    std::vector<int> done;
    const ForecasterTraining training =
        train_forecaster(plan("stopped"), [&](const ForecasterProgress& at) {
          EXPECT_EQ(at.stage, "streams");
          EXPECT_EQ(at.all, 9);
          done.push_back(at.done);
          return at.done < last;
        });
    EXPECT_TRUE(training.stopped);
    EXPECT_TRUE(training.epochs.empty());
    EXPECT_EQ(done.size(), static_cast<std::size_t>(last));
    EXPECT_TRUE(folder.names().empty());
  }
}

TEST_F(TrainForecaster, KeepsOlderWeightsWhenItDiverges) {
  ForecasterPlan diverging = plan("w");
  folder.write("w.h5", "older");
  diverging.learning.learning_rate = 1e37;
  const std::string report = refusal([&] { train_forecaster(diverging, go_on); });
  EXPECT_NE(report.find("the training has diverged"), std::string::npos) << report;
  EXPECT_EQ(text_of_file(diverging.weights), "older");
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
