#include "tools/learning/control/train_control.hpp"

#include <gtest/gtest.h>

#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// A world of a hundred ticks in which the action that the observation names saves a tenth of what a
// tick costs with the rule, which takes the first action always. Every other saves nothing.
class NamedActions final : public ControlLevel {
 public:
  std::string kind() const override { return "named"; }
  std::int64_t schema() const override { return 1; }
  QShape shape() const override { return DenseShape{.inputs = 1, .hidden = {16}, .branches = {2}}; }
  Duration tick() const override { return 100ms; }
  double reward_scale() const override { return 10; }

  ControlRun play(const SimulateOptions& world, const ControlActor& actor) const override {
    Random random(world.run.seed, 1);
    Random tries(actor.seed, 2);
    std::optional<DenseNetwork> network;
    if (actor.weights != nullptr)
      network.emplace(std::vector<std::size_t>{1, 16, 2}, *actor.weights, "q", "the test");
    ControlRun run;
    run.tracks.emplace_back();
    run.costs.push_back(1);
    for (int i = 0; i < 100; ++i) {
      const float named = random.uniform() < 0.5 ? 0 : 1;
      std::uint8_t action = 0;
      if (network) {
        std::vector<float> values(2);
        network->evaluate(std::vector{named}, 1, values);
        action = values[1] > values[0] ? 1 : 0;
        if (tries.uniform() < actor.epsilon) action = static_cast<std::uint8_t>(tries.below(2));
      }
      run.tracks[0].push_back({.observation = {.context = {named}, .rule_actions = {0}},
                               .actions = {action},
                               .at = i * tick()});
      run.costs.push_back(static_cast<float>(action) == named && action != 0 ? 0.9 : 1);
    }
    for (const double cost : run.costs) run.cost += cost;
    return run;
  }
};

Settings any_world() { return {{"stream", "finance:poisson"}, {"emulate", "nodes=1x1*1"}}; }

class TrainControl : public testing::Test {
 protected:
  ControlPlan plan() const {
    ControlPlan plan;
    plan.rounds.assign(4, {any_world(), any_world()});
    plan.judging = {any_world()};
    plan.updates = 300;
    plan.checkpoint = folder / "rounds.h5";
    plan.learner.batch = 32;
    plan.learner.learning_rate = 3e-3;
    plan.learner.n_step = {.steps = 1, .discount = 0};
    plan.learner.updates_per_target = 50;
    plan.learner.later_margin_weight = 0;
    return plan;
  }
  TrainedControl trained(const ControlPlan& plan, bool resume = false) const {
    return train_control(level, plan, resume, [](int, int) { return true; });
  }
  static void expect_equal(const TrainedControl& one, const TrainedControl& other) {
    ASSERT_EQ(one.rounds.size(), other.rounds.size());
    EXPECT_EQ(one.best_round, other.best_round);
    for (std::size_t i = 0; i < one.rounds.size(); ++i) {
      EXPECT_EQ(one.rounds[i].weights.tensors, other.rounds[i].weights.tensors);
      EXPECT_EQ(one.rounds[i].ratios, other.rounds[i].ratios);
      EXPECT_EQ(one.rounds[i].loss, other.rounds[i].loss);
    }
  }

  ScratchFolder folder;
  NamedActions level;
};

TEST_F(TrainControl, BeginsAsTheRuleAndFindsWhatIsBetter) {
  const TrainedControl result = trained(plan());
  ASSERT_EQ(result.rounds.size(), 4u);
  EXPECT_FALSE(result.stopped);
  EXPECT_EQ(result.rounds[0].ratios, std::vector<double>{1.0});
  ASSERT_GT(result.best_round, 1);
  // Half of the ticks cost a tenth less.
  EXPECT_LT(result.rounds[static_cast<std::size_t>(result.best_round) - 1].ratios[0], 0.97);
}

TEST_F(TrainControl, GivesTheSameWhateverTheNumberOfThreads) {
  ControlPlan several = plan();
  several.threads = 2;
  expect_equal(trained(plan()), trained(several));
}

TEST_F(TrainControl, GoesOnAfterAStopBitForBit) {
  const TrainedControl whole = trained(plan());
  std::filesystem::remove(plan().checkpoint);
  // Some way into the third round.
  const TrainedControl stopped =
      train_control(level, plan(), false, [](int done, int) { return done < 20; });
  EXPECT_TRUE(stopped.stopped);
  ASSERT_FALSE(stopped.rounds.empty());
  ASSERT_LT(stopped.rounds.size(), 4u);
  expect_equal(whole, trained(plan(), true));
  expect_equal(whole, trained(plan(), true));
}

TEST_F(TrainControl, RefusesTheCheckpointOfAnotherTrainingAndWhatIsNone) {
  EXPECT_NE(refusal([&] { trained(plan(), true); }).find("no such file"), std::string::npos);
  ControlPlan one = plan();
  one.rounds.resize(1);
  trained(one);
  EXPECT_NE(refusal([&] { trained(plan(), true); }).find("a training with other options"),
            std::string::npos);
}

TEST_F(TrainControl, FindsNothingBetterWhereNothingIs) {
  ControlPlan tie = plan();
  tie.rounds.resize(1);
  EXPECT_EQ(trained(tie).best_round, 0) << "the first round does as the rule";
}

TEST_F(TrainControl, RefusesWorldsThatCannotBeSimulated) {
  ControlPlan broken = plan();
  broken.rounds[0] = {{{"stream", "no_such_stream"}, {"load", "much"}}};
  EXPECT_NE(refusal([&] { trained(broken); }), kNothingRefused);
}

}  // namespace
}  // namespace weir
