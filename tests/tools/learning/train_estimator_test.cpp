#include "tools/learning/train_estimator.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tools/learning/estimator_checkpoint.hpp"

namespace weir {
namespace {

// A quarter of the nodes is at half speed for a while: something to learn.
Settings small_world() {
  return {{"emulate", "nodes=4x1*6;work_ms=20;drift_speed=0.4;drift_good_s=3;drift_slow_s=1.5"},
          {"stream", "finance:poisson"},
          {"load", "0.6"},
          {"duration", "12s"},
          {"warm-up", "3s"},
          {"dispatchers", "2"},
          {"report-interval", "100ms"}};
}

class TrainEstimator : public testing::Test {
 protected:
  EstimatorPlan plan() const {
    EstimatorPlan plan;
    plan.rounds = {{small_world()}, {small_world()}};
    plan.judging = {small_world()};
    plan.judging_seeds = 1;
    plan.fit.epochs = 2;
    plan.checkpoint = folder / "rounds.h5";
    return plan;
  }
  static TrainedEstimator trained(const EstimatorPlan& plan,
                                  std::vector<EstimatorRound> before = {}) {
    return train_estimator(plan, std::move(before), [](int, int) { return true; });
  }
  static void expect_equal(TrainedEstimator one, TrainedEstimator other) {
    ASSERT_EQ(one.rounds.size(), other.rounds.size());
    EXPECT_EQ(one.best_round, other.best_round);
    for (std::size_t i = 0; i < one.rounds.size(); ++i) {
      EXPECT_EQ(one.rounds[i].estimator.weights().tensors,
                other.rounds[i].estimator.weights().tensors);
      EXPECT_EQ(one.rounds[i].ratios, other.rounds[i].ratios);
      EXPECT_EQ(one.rounds[i].loss, other.rounds[i].loss);
    }
  }

  ScratchFolder folder;
};

TEST_F(TrainEstimator, MakesTheLossSmallerThanWhatNodesTell) {
  const TrainedEstimator result = trained(plan());
  ASSERT_EQ(result.rounds.size(), 2u);
  EXPECT_FALSE(result.stopped);
  for (const EstimatorRound& round : result.rounds) EXPECT_LT(round.loss, round.told_loss);
}

TEST_F(TrainEstimator, GivesTheSameWhateverTheNumberOfThreads) {
  EstimatorPlan several = plan();
  several.threads = 3;
  expect_equal(trained(plan()), trained(several));
}

TEST_F(TrainEstimator, GoesOnBitForBitAfterAStop) {
  const TrainedEstimator whole = trained(plan());
  std::filesystem::remove(plan().checkpoint);
  // Worlds: one judged with the rule, then one learned from and one judged in each round.
  const TrainedEstimator stopped =
      train_estimator(plan(), {}, [](int done, int) { return done < 4; });
  EXPECT_TRUE(stopped.stopped);
  const std::vector<EstimatorRound> before = load_rounds(plan());
  EXPECT_EQ(before.size(), 1u);
  expect_equal(whole, trained(plan(), before));
}

TEST_F(TrainEstimator, KeepsNothingOfAStopBeforeTheFirstRound) {
  const TrainedEstimator stopped = train_estimator(plan(), {}, [](int, int) { return false; });
  EXPECT_TRUE(stopped.stopped);
  EXPECT_TRUE(stopped.rounds.empty());
  EXPECT_FALSE(std::filesystem::exists(plan().checkpoint));
}

TEST_F(TrainEstimator, RefusesACheckpointOfAnotherTraining) {
  trained(plan());
  EstimatorPlan other = plan();
  other.seed = 2;
  EXPECT_NE(refusal([&] { load_rounds(other); }).find("a training with other options"),
            std::string::npos);
  EXPECT_EQ(refusal([&] { load_rounds(plan()); }), kNothingRefused);
}

TEST_F(TrainEstimator, RefusesAFileThatIsNoCheckpoint) {
  write_weights(ServiceEstimator().weights(), plan().checkpoint);
  EXPECT_NE(refusal([&] { load_rounds(plan()); }).find("no rounds of such a training"),
            std::string::npos);
  std::filesystem::remove(plan().checkpoint);
  EXPECT_NE(refusal([&] { load_rounds(plan()); }).find("no such file"), std::string::npos);
}

TEST_F(TrainEstimator, PassesOnWhatAWorldIsRefusedFor) {
  EstimatorPlan broken = plan();
  broken.rounds[0][0].emplace_back("network", "none");
  EXPECT_NE(refusal([&] { trained(broken); }), kNothingRefused);
}

TEST(CostOfARound, IsTheMeanAndOnceMoreTheWorstWorldThatIsWorseThanTheRule) {
  EstimatorRound round;
  round.ratios = {0.9, 0.9};
  const double better = cost(round);
  EXPECT_LT(better, 0);
  round.ratios = {0.9, 1.1};
  EXPECT_GT(cost(round), better + 0.1);
}

}  // namespace
}  // namespace weir
