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

// Of both seeds alike: learned, tree, oracle, random, shortest expected delay.
EvaluationLine line_of(const std::vector<Measured>& policies) {
  std::vector<std::optional<Measured>> outcomes;
  for (const Measured& each : policies) outcomes.insert(outcomes.end(), 2, each);
  return lines_of(small_plan(), outcomes).at(0);
}

TEST(PlacementEvaluation, GivesEveryPolicyTheSameSeeds) {
  const std::vector<Trial> trials = trials_of(small_plan());
  ASSERT_EQ(trials.size(), 10u);
  EXPECT_EQ(setting_of(trials[0], "policy"), "learned");
  EXPECT_EQ(setting_of(trials[0], "weights"), "w.h5");
  EXPECT_EQ(setting_of(trials[1], "seed"), "8");
  EXPECT_EQ(setting_of(trials[2], "policy"), "tree");
  EXPECT_EQ(setting_of(trials[2], "weights"), "");
  EXPECT_EQ(setting_of(trials[9], "policy"), "shortest_expected_delay");
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
