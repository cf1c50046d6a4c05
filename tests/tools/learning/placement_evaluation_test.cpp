#include "tools/learning/placement_evaluation.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

std::string setting_of(const Trial& trial, const std::string& name) {
  for (const auto& [each, value] : trial.settings) {
    if (each == name) return value;
  }
  return "";
}

EvaluationPlan small_plan() {
  return {.scenarios = {{"one", {{"emulate", "paper50"}}}},
          .rules = {"random", "shortest_expected_delay"},
          .weights = "w.h5",
          .first_seed = 7,
          .seed_count = 2};
}

Measured measured(double mean_ms, double p99_ms, double loss = 0) {
  return {.numbers = {{"mean_ms", mean_ms}, {"p99_ms", p99_ms}, {"loss", loss}}};
}

// Of both seeds alike: learned, tree, oracle, random, shortest expected delay; and the last two
// controlled, as they are alone where nothing is said of them.
EvaluationLine line_of(std::vector<Measured> policies) {
  if (policies.size() == 5) policies.insert(policies.end(), {policies[3], policies[4]});
  std::vector<std::optional<Measured>> outcomes;
  for (const Measured& each : policies) outcomes.insert(outcomes.end(), 2, each);
  return lines_of(small_plan(), outcomes).at(0);
}

TEST(PlacementEvaluation, GivesEveryPolicyTheSameSeeds) {
  const std::vector<Trial> trials = trials_of(small_plan());
  ASSERT_EQ(trials.size(), 14u);
  EXPECT_EQ(setting_of(trials[0], "policy"), "learned");
  EXPECT_EQ(setting_of(trials[0], "weights"), "w.h5");
  EXPECT_EQ(setting_of(trials[1], "seed"), "8");
  EXPECT_EQ(setting_of(trials[2], "policy"), "tree");
  EXPECT_EQ(setting_of(trials[2], "weights"), "");
  EXPECT_EQ(setting_of(trials[9], "policy"), "shortest_expected_delay");
  EXPECT_EQ(setting_of(trials[9], "node-control"), "");
}

TEST(PlacementEvaluation, RunsEveryRuleWithTheControlOfTheTreeToo) {
  EvaluationPlan plan = small_plan();
  plan.scenarios.push_back({"two", {{"node-control", "limits"}}});
  const std::vector<Trial> trials = trials_of(plan);
  EXPECT_EQ(setting_of(trials[13], "policy"), "shortest_expected_delay");
  EXPECT_EQ(setting_of(trials[13], "node-control"), "on");
  EXPECT_EQ(setting_of(trials[13], "migration"), "on");
  EXPECT_EQ(setting_of(trials[27], "node-control"), "limits") << "as the scenario says";
  const EvaluationLine line =
      line_of({measured(95, 400), measured(100, 410), measured(90, 380), measured(130, 900),
               measured(120, 390), measured(99, 420), measured(110, 390)});
  EXPECT_EQ(line.best_rule, "random (controlled)");
  EXPECT_DOUBLE_EQ(line.to_best.ratio, 95.0 / 99);
}

TEST(PlacementEvaluation, FailsAPolicyWhoseGuardLeavesAllToTheRule) {
  Measured learned = measured(100, 400);
  learned.numbers["left_to_rule"] = 0.89;
  const std::vector<Measured> others(4, measured(100, 400));
  const auto passes = [&] {
    std::vector<Measured> all{learned};
    all.insert(all.end(), others.begin(), others.end());
    return line_of(all).passes();
  };
  EXPECT_TRUE(passes());
  learned.numbers["left_to_rule"] = 0.91;
  EXPECT_FALSE(passes());
}

TEST(PlacementEvaluation, ComparesWithTheBetterOfTheTreeAndTheBestRule) {
  const EvaluationLine line = line_of({measured(95, 400), measured(100, 410), measured(90, 380),
                                       measured(130, 900), measured(98, 390)});
  EXPECT_DOUBLE_EQ(line.to_tree.ratio, 0.95);
  EXPECT_EQ(line.best_rule, "shortest_expected_delay");
  EXPECT_DOUBLE_EQ(line.to_best.ratio, 95.0 / 98);
  EXPECT_DOUBLE_EQ(line.p99_ratio, 400.0 / 390);
  EXPECT_DOUBLE_EQ(line.gap_closed().value(), 0.5);
  EXPECT_TRUE(line.passes());
}

TEST(PlacementEvaluation, FailsAPolicyThatIsWorseInTheMeanOrInTheTail) {
  const auto passes = [](double mean_ms, double p99_ms) {
    return line_of({measured(mean_ms, p99_ms), measured(100, 400), measured(100, 400),
                    measured(130, 900), measured(120, 500)})
        .passes();
  };
  EXPECT_TRUE(passes(102.9, 419));
  EXPECT_FALSE(passes(103.1, 400));
  EXPECT_FALSE(passes(100, 421));
}

TEST(PlacementEvaluation, JudgesByTheLossWhereItDiffers) {
  const auto passes = [](double loss) {
    return line_of({measured(130, 400, loss), measured(100, 400, 0.01), measured(90, 400, 0.01),
                    measured(99, 400, 0.01), measured(98, 400, 0.01)})
        .passes();
  };
  EXPECT_TRUE(passes(0));
  EXPECT_FALSE(passes(0.01)) << "equal, and slower";
  EXPECT_FALSE(passes(0.03));
}

TEST(PlacementEvaluation, PrefersTheRuleThatLosesLess) {
  const EvaluationLine line = line_of({measured(100, 400), measured(100, 400), measured(90, 400),
                                       measured(110, 400), measured(50, 400, 0.2)});
  EXPECT_EQ(line.best_rule, "random");
}

TEST(PlacementEvaluation, SaysNothingOfAGapThatIsNone) {
  const EvaluationLine line = line_of({measured(100, 400), measured(100, 400), measured(99.5, 400),
                                       measured(110, 400), measured(110, 400)});
  EXPECT_FALSE(line.gap_closed().has_value());
}

}  // namespace
}  // namespace weir
