#include "ml/training/control/dqn.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/ml/training/control/toy_environments.hpp"

namespace weir {
namespace {

// Small worlds are learned with small batches, larger steps and a young copy.
DqnOptions quick() {
  DqnOptions options{.batch = 64, .least_transitions = 200, .updates_per_target = 100};
  options.learning_rate = 2e-3;
  options.replay.capacity = 5'000;
  return options;
}

// Over one step, everything explored: then the values are those of the best policy.
class ChainTest : public testing::TestWithParam<std::int64_t> {};

TEST_P(ChainTest, ValuesAreThoseOfValueIterationWithinSevenHundredths) {
  DqnOptions options = quick();
  options.n_step = {.steps = 1, .discount = 0.9};
  options.quantiles = GetParam();
  // Far below the spread of the returns, so that quantiles are no expectiles.
  if (options.quantiles > 1) options.huber = 0.02;
  options.first_epsilon = options.last_epsilon = 1;
  options.beta_updates = 2'000;
  options.batch = 128;
  options.learning_rate = 1e-3;
  options.updates_per_target = 40;
  Dqn dqn(DenseShape{.inputs = Chain::kPlaces, .hidden = {32}, .branches = {2}}, options,
          several<Chain>(4), Curriculum({"chain"}));
  dqn.learn(4'000);
  const auto best = Chain::best_values(0.9);
  for (int place = 0; place < Chain::kPlaces; ++place) {
    const std::vector<float> values = dqn.values(Chain::at(place));
    for (const int action : {0, 1}) {
      EXPECT_NEAR(static_cast<double>(values[action]), best[place][action], 0.07)
          << "place " << place << " action " << action;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Quantiles, ChainTest, testing::Values(1, 8));

TEST(Dqn, FindsTheBestMeetingPlaceOfTwoBranchesThatMustAgree) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    DqnOptions options = quick();
    options.seed = seed;
    options.first_epsilon = 1;
    options.last_epsilon = 0.1;
    options.epsilon_steps = 1'000;
    Dqn dqn(DenseShape{.inputs = Meeting::kSights, .hidden = {32}, .branches = {3, 3}}, options,
            several<Meeting>(1), Curriculum({"meeting"}));
    dqn.learn(1'500);
    for (int sight = 0; sight < Meeting::kSights; ++sight) {
      EXPECT_EQ(Meeting::reward(sight, dqn.decide(Meeting::seeing(sight))), 1)
          << "seed " << seed << " sight " << sight;
    }
  }
}

// All it is told is which share of five to nineteen actions was right.
TEST(Dqn, FindsTheRightActionForEveryClassAtEveryNodeFromNothing) {
  DqnOptions options = quick();
  options.n_step = {.steps = 1, .discount = 0};
  options.first_epsilon = options.last_epsilon = 1;
  options.learning_rate = 1e-3;
  Dqn dqn(LoadedSet::shape(), options, several<LoadedSet>(2), Curriculum({"set"}));
  LoadedSet world;
  EXPECT_LT(agreement(dqn, world, 100), 0.7);
  dqn.learn(1'200);
  EXPECT_GE(agreement(dqn, world, 300), 0.98);
}

TEST(Dqn, KnowsWhatASteadyPayIsWorthInBranchesOfAnySize) {
  DqnOptions options = quick();
  options.n_step = {.steps = 3, .discount = 0.7};
  options.first_epsilon = options.last_epsilon = 1;
  options.updates_per_target = 30;
  Dqn dqn(DenseShape{.inputs = 1, .hidden = {16}, .branches = {2, 3}}, options,
          several<SteadyPay>(2), Curriculum({"pay"}));
  dqn.learn(1'200);
  for (const float value : dqn.values({.context = {1}})) EXPECT_NEAR(value, 1 / (1 - 0.7), 0.05);
}

TEST(Dqn, ExpectsNothingOfWhatIsNotFeasible) {
  DqnOptions options = quick();
  options.n_step = {.steps = 1, .discount = 0.9};
  options.first_epsilon = options.last_epsilon = 1;
  options.updates_per_target = 30;
  Dqn dqn(DenseShape{.inputs = 2, .hidden = {16}, .branches = {2}}, options, several<Toll>(1),
          Curriculum({"toll"}));
  dqn.learn(1'000);
  for (const float value : dqn.values(Toll::gate())) EXPECT_NEAR(value, -0.9, 0.05);
  EXPECT_NEAR(dqn.values(Toll::toll())[0], -1, 0.05);
}

TEST(Dqn, ExploresEvenlyAmongTheThreeBestActions) {
  DqnOptions options = quick();
  options.first_epsilon = options.last_epsilon = 1;
  std::array<int, 5> taken{};
  options.explore_among = 5;
  Dqn all(DenseShape{.inputs = 1, .hidden = {16}, .branches = {5}}, options,
          several<FivePrices>(1, &taken), Curriculum({"prices"}));
  all.learn(800);
  for (const int count : taken) EXPECT_NEAR(count, 160, 4 * std::sqrt(800 * 0.2 * 0.8));

  options.explore_among = 3;
  Dqn three(DenseShape{.inputs = 1, .hidden = {16}, .branches = {5}}, options,
            several<FivePrices>(1, &taken), Curriculum({"prices"}));
  for (int place = 0; place < 500; ++place) {
    const auto action = static_cast<std::uint8_t>(place % 5);
    three.remember({.observation = {.context = {1}}, .actions = {action}, .reward = 0.2 * action});
  }
  three.imitate(0, 500);
  taken = {};
  three.learn(600);
  EXPECT_EQ(taken[0] + taken[1], 0);
  for (const int best : {2, 3, 4}) {
    EXPECT_NEAR(taken[best], 200, 4 * std::sqrt(600 * (1.0 / 3) * (2.0 / 3)));
  }
}

// Nothing is played: all that is known was recorded elsewhere, by a policy that knew nothing.
TEST(Dqn, LearnsTheBestPolicyFromRecordedStepsAlone) {
  DqnOptions options = quick();
  options.n_step = {.steps = 1, .discount = 0.9};
  options.updates_per_target = 30;
  Dqn dqn(DenseShape{.inputs = Chain::kPlaces, .hidden = {32}, .branches = {2}}, options,
          several<Chain>(1), Curriculum({"chain"}));
  NStepWindow window(options.n_step);
  Chain chain;
  Random random(1);
  EpisodeState state = EpisodeState::kEnded;
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    if (state != EpisodeState::kRunning) window.begin(chain.reset({.seed = i}));
    const Actions actions{static_cast<std::uint8_t>(random.below(2))};
    const Step step = chain.step(actions);
    state = step.state;
    for (Transition& transition : window.add(actions, step, false)) {
      dqn.remember(std::move(transition));
    }
  }
  EXPECT_EQ(dqn.imitate(0, 2'000).updates, 2'000);
  EXPECT_EQ(dqn.steps(), 0);
  const auto best = Chain::best_values(0.9);
  for (int place = 0; place < Chain::kPlaces; ++place) {
    const double gain = best[place][1] - best[place][0];
    if (std::abs(gain) < 0.1) continue;  // Hardly matters.
    EXPECT_EQ(dqn.decide(Chain::at(place))[0], gain > 0 ? 1 : 0) << "place " << place;
  }
}

TEST(DqnDeathTest, ExploresNothingWhereAValueIsNoNumber) {
  Dqn dqn(DenseShape{.inputs = Meeting::kSights, .branches = {3, 3}}, {}, several<Meeting>(1),
          Curriculum({"any"}));
  WeightFile weights = dqn.weights();
  weights.tensors.at("q.2.bias").values[0] = std::nanf("");
  dqn.begin_with(weights, "file");
  EXPECT_DEATH(dqn.learn(1), "a Q-value is no number");
}

TEST(DqnDeathTest, RefusesToRememberWhatIsNoNumber) {
  Dqn dqn(DenseShape{.inputs = 1, .branches = {2}}, {}, several<Meeting>(1), Curriculum({"any"}));
  const float none = std::nanf("");
  EXPECT_DEATH(dqn.remember({.observation = {.context = {none}}, .actions = {0}}), "no number");
  EXPECT_DEATH(dqn.remember({.observation = {.context = {0}}, .actions = {0}, .reward = 1.0 / 0.0}),
               "no number");
}

// Two actions, of which the second is worth 1 and the first nothing.
Dqn learner_without_worlds() {
  DqnOptions options;
  options.batch = 32;
  options.learning_rate = 1e-2;
  return Dqn(DenseShape{.inputs = 1, .hidden = {8}, .branches = {2}}, options, {},
             Curriculum({"none"}));
}

TEST(Dqn, LearnsFromWhatItIsGivenToRememberWithoutAnyWorld) {
  Dqn dqn = learner_without_worlds();
  for (std::uint8_t i = 0; i < 100; ++i) {
    const auto action = static_cast<std::uint8_t>(i % 2);
    dqn.remember({.observation = {.context = {1}, .rule_actions = {0}},
                  .actions = {action},
                  .reward = static_cast<double>(action),
                  .discount = 0,
                  .next = {}});
  }
  const LearningReport report = dqn.rehearse(300);
  EXPECT_EQ(report.updates, 300);
  EXPECT_EQ(dqn.steps(), 0);
  const std::vector<float> values = dqn.values({.context = {1}});
  EXPECT_NEAR(values[0], 0, 0.1);
  EXPECT_NEAR(values[1], 1, 0.1);
}

TEST(DqnDeathTest, PlaysNothingWithoutAnyWorld) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Dqn dqn = learner_without_worlds();
        dqn.learn(1);
      },
      "nothing to play");
}

}  // namespace
}  // namespace weir
