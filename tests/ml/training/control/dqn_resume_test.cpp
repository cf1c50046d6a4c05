#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "ml/training/control/dqn.hpp"
#include "tests/ml/training/control/toy_environments.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

class DqnResumeTest : public testing::Test {
 protected:
  static DqnOptions options() {
    DqnOptions options{.seed = 5,
                       .batch = 16,
                       .least_transitions = 50,
                       .steps_per_update = 3,
                       .updates_per_target = 20,
                       .epsilon_steps = 300,
                       .beta_updates = 100};
    options.replay.capacity = 250;  // It is full, and goes around, before the end.
    return options;
  }
  static Dqn over_a_set() {
    return {LoadedSet::shape(), options(), several<LoadedSet>(3), Curriculum({"set", "again"})};
  }
  static Dqn over_quantiles() {
    DqnOptions with_quantiles = options();
    with_quantiles.quantiles = 8;
    return {DenseShape{.inputs = 2, .branches = {2}}, with_quantiles, several<TwoServers>(3),
            Curriculum({"routing"})};
  }

  // Equal floats, bit by bit, so also of the same sign of zero.
  static void expect_same_bits(const std::vector<float>& a, const std::vector<float>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(std::bit_cast<std::uint32_t>(a[i]), std::bit_cast<std::uint32_t>(b[i]));
    }
  }
  static void expect_same(const Dqn& a, const Dqn& b) {
    EXPECT_EQ(a.steps(), b.steps());
    EXPECT_EQ(a.updates(), b.updates());
    const WeightFile weights = a.weights();
    for (const auto& [name, tensor] : b.weights().tensors) {
      expect_same_bits(weights.tensors.at(name).values, tensor.values);
    }
    ASSERT_EQ(a.replay().size(), b.replay().size());
    for (std::size_t i = 0; i < a.replay().size(); ++i) {
      EXPECT_EQ(a.replay().at(i), b.replay().at(i));
      EXPECT_EQ(a.replay().probability(i), b.replay().probability(i));
    }
  }

  ScratchFolder folder;
  const std::filesystem::path path = folder / "checkpoint.h5";
};

TEST_F(DqnResumeTest, TwoHundredStepsTwiceAreFourHundredAtOnceBitByBit) {
  for (const auto& make : {&DqnResumeTest::over_a_set, &DqnResumeTest::over_quantiles}) {
    Dqn at_once = make();
    at_once.imitate(60, 10);
    at_once.curriculum().report(0, 1.2, 1);
    at_once.learn(400);

    Dqn first_half = make();
    first_half.imitate(60, 10);
    first_half.curriculum().report(0, 1.2, 1);
    first_half.learn(200);
    first_half.save(path);
    Dqn second_half = make();
    second_half.load(path);
    expect_same(second_half, first_half);
    second_half.learn(200);

    expect_same(second_half, at_once);
    EXPECT_EQ(at_once.steps(), 460);
    EXPECT_GT(at_once.updates(), 100);
    // The older copies and Adam are the same too: so is what follows.
    at_once.learn(100);
    second_half.learn(100);
    expect_same(second_half, at_once);
  }
}

TEST_F(DqnResumeTest, OneSeedGivesOneResultAndAnotherSeedAnother) {
  Dqn first = over_a_set();
  Dqn second = over_a_set();
  first.learn(150);
  second.learn(150);
  expect_same(first, second);
  DqnOptions other = options();
  other.seed = 6;
  Dqn third(LoadedSet::shape(), other, several<LoadedSet>(3), Curriculum({"set", "again"}));
  third.learn(150);
  EXPECT_NE(third.weights().tensors, first.weights().tensors);
}

TEST_F(DqnResumeTest, RefusesACheckpointOfAnotherNetwork) {
  over_a_set().save(path);
  Dqn other = over_quantiles();
  const std::string report = refusal([&] { other.load(path); });
  EXPECT_NE(report.find("learning cannot be resumed"), std::string::npos) << report;
  EXPECT_NE(report.find("node_features 2"), std::string::npos) << report;
  EXPECT_NE(report.find("needed  inputs 2"), std::string::npos) << report;
}

TEST_F(DqnResumeTest, RefusesACheckpointOfOtherScenarios) {
  over_a_set().save(path);
  Dqn other(LoadedSet::shape(), options(), several<LoadedSet>(3), Curriculum({"again", "set"}));
  const std::string report = refusal([&] { other.load(path); });
  EXPECT_NE(report.find("scenario set scenario again\n"), std::string::npos) << report;
  EXPECT_NE(report.find("scenario again scenario set\n"), std::string::npos) << report;
}

TEST_F(DqnResumeTest, RefusesAFileThatIsNoCheckpoint) {
  Dqn dqn = over_a_set();
  EXPECT_NE(refusal([&] { dqn.load(path); }), kNothingRefused) << "missing";
  write_weights(dqn.weights(), path);
  EXPECT_NE(refusal([&] { dqn.load(path); }), kNothingRefused) << "weights";
  EXPECT_NE(refusal([&] { dqn.save(folder / "missing" / "checkpoint.h5"); }), kNothingRefused);
}

TEST_F(DqnResumeTest, RefusesACheckpointWithATransitionOfAnotherShape) {
  Dqn dqn = over_quantiles();
  dqn.remember({.observation = {.context = {1, 1}}, .actions = {1}});
  dqn.save(path);
  EXPECT_EQ(refusal([&] { over_quantiles().load(path); }), kNothingRefused);
  dqn.remember({.observation = {.context = {1, 1}}, .actions = {2}});
  dqn.save(path);
  const std::string report = refusal([&] { over_quantiles().load(path); });
  EXPECT_NE(report.find("transition 1 is of another shape"), std::string::npos) << report;
}

TEST_F(DqnResumeTest, RefusesACheckpointOfANetworkThatIsNoNumber) {
  Dqn dqn = over_quantiles();
  WeightFile weights = dqn.weights();
  weights.tensors.at("q.2.bias").values[0] = std::nanf("");
  dqn.begin_with(weights, "file");
  dqn.save(path);
  const std::string report = refusal([&] { over_quantiles().load(path); });
  EXPECT_NE(report.find("a number that is none"), std::string::npos) << report;
}

TEST_F(DqnResumeTest, TellsOfTheEpisodesThatWereOverAndOfItsUpdates) {
  Dqn dqn = over_a_set();
  const LearningReport report = dqn.learn(330);
  EXPECT_EQ(report.episodes.size(), 30U);  // of eleven steps
  for (const EpisodeResult& result : report.episodes) EXPECT_EQ(result.steps, 11);
  EXPECT_EQ(report.updates, dqn.updates());
  EXPECT_TRUE(std::isfinite(report.loss) && report.error > 0 && std::isfinite(report.value));
}

}  // namespace
}  // namespace weir
