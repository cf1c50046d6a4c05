#include <gtest/gtest.h>

#include "ml/training/control/dqn.hpp"
#include "tests/ml/training/control/toy_environments.hpp"

namespace weir {
namespace {

TEST(DqnImitation, SendsJobsWhereTheRuleSendsThem) {
  DqnOptions options{.batch = 64};
  options.learning_rate = 2e-3;
  options.n_step.discount = 0.9;
  Dqn dqn(DenseShape{.inputs = 2, .branches = {2}}, options, several<TwoServers>(2),
          Curriculum({"routing"}));
  dqn.imitate(1'500, 1'500);
  TwoServers world;
  EXPECT_GE(agreement(dqn, world, 1'000), 0.99);
}

TEST(DqnImitation, DecidesForEveryClassAtEveryNodeAsTheRuleDoes) {
  DqnOptions options{.batch = 32};
  options.learning_rate = 2e-3;
  options.n_step.discount = 0;
  Dqn dqn(LoadedSet::shape(), options, several<LoadedSet>(2), Curriculum({"set"}));
  dqn.imitate(500, 800);
  LoadedSet world;
  EXPECT_GE(agreement(dqn, world, 300), 0.99);
}

TEST(DqnImitation, GoesOnFromItAndFindsOutForItselfWhereTheRuleIsWrong) {
  DqnOptions options{.batch = 64, .updates_per_target = 100};
  options.learning_rate = 2e-3;
  options.first_epsilon = options.last_epsilon = 0.3;
  options.replay.capacity = 1'000;  // Demonstrations are soon forgotten.
  // The rule of this world goes left for ever.
  class LazyChain final : public Environment {
   public:
    Observation reset(const Episode& episode) override { return lazy(chain_.reset(episode)); }
    Step step(const Actions& actions) override {
      Step step = chain_.step(actions);
      step.observation = lazy(step.observation);
      return step;
    }
    static Observation lazy(Observation seen) {
      seen.rule_actions = {0};
      return seen;
    }

   private:
    Chain chain_;
  };
  options.n_step = {.steps = 1, .discount = 0.95};
  Dqn dqn(DenseShape{.inputs = Chain::kPlaces, .hidden = {32}, .branches = {2}}, options,
          several<LazyChain>(2), Curriculum({"chain"}));
  dqn.imitate(300, 300);
  for (int place = 0; place < Chain::kPlaces; ++place) {
    EXPECT_EQ(dqn.decide(Chain::at(place)), Actions{0}) << "place " << place;
  }
  dqn.learn(3'000);
  EXPECT_EQ(dqn.decide(Chain::at(Chain::kPlaces - 1)), Actions{1});
  EXPECT_EQ(dqn.decide(Chain::at(Chain::kPlaces - 2)), Actions{1});
}

}  // namespace
}  // namespace weir
