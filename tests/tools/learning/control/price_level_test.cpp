#include "tools/learning/control/price_level.hpp"

#include <gtest/gtest.h>

#include "ml/inference/learned_planner.hpp"

namespace weir {
namespace {

// Two clusters of four nodes.
SimulateOptions world() {
  return options_of({{"emulate", "nodes=4x1*6,4x0.7*2;clusters=2;work_ms=20"},
                     {"stream", "finance:poisson"},
                     {"load", "0.6"},
                     {"duration", "5s"},
                     {"warm-up", "2s"},
                     {"dispatchers", "2"},
                     {"report-interval", "100ms"},
                     {"seed", "3"}});
}

TEST(PriceLevel, TellsWhatEveryCoordinatorSawAndDidAfterTheWarmUp) {
  const ControlRun run = PriceLevel().play(world(), {});
  ASSERT_EQ(run.tracks.size(), 2u) << "the one above the clusters prices nothing";
  for (const ControlTrack& track : run.tracks) {
    ASSERT_NEAR(static_cast<double>(track.size()), 30, 3);
    for (const ControlStep& step : track) {
      EXPECT_GE(to_seconds(step.at), 2);
      EXPECT_EQ(step.observation.nodes.size(), 4 * kNodePriceFeatures);
      EXPECT_EQ(step.observation.context.size(), kContextPriceFeatures);
      EXPECT_EQ(step.actions, step.observation.rule_actions) << "the rule holds";
      EXPECT_EQ(step.own_cost, 0);
    }
  }
  EXPECT_NEAR(static_cast<double>(run.costs.size()), 50, 3);
  EXPECT_GT(run.cost, 0.015);
}

TEST(PriceLevel, CountsAboutAsManyTasksAsLittlesLawSays) {
  const ControlRun run = PriceLevel().play(world(), {});
  double mean = 0;
  for (std::size_t i = 20; i < 50 && i < run.costs.size(); ++i) mean += run.costs[i] / 30;
  // 0.6 of a capacity of 29.6 cores of speed 1, by response over 20 ms of work; and what is under
  // way.
  const double expected = 0.6 * 29.6 * run.cost / 0.020;
  EXPECT_NEAR(mean, expected, 0.25 * expected);
}

TEST(PriceLevel, PlaysTheSameAgain) {
  const ControlActor explorer{.epsilon = 0.5, .seed = 7};
  const ControlRun one = PriceLevel().play(world(), explorer);
  const ControlRun other = PriceLevel().play(world(), explorer);
  EXPECT_EQ(one.cost, other.cost);
  EXPECT_EQ(one.costs, other.costs);
  ASSERT_EQ(one.tracks[0].size(), other.tracks[0].size());
  EXPECT_EQ(one.tracks[0].back().observation, other.tracks[0].back().observation);
}

TEST(PriceLevel, ExploresAndFeelsIt) {
  const ControlRun rule = PriceLevel().play(world(), {});
  const ControlRun run = PriceLevel().play(world(), {.epsilon = 0.5, .seed = 7});
  int moved = 0;
  for (const ControlStep& step : run.tracks[0]) {
    moved += step.actions == step.observation.rule_actions ? 0 : 1;
    EXPECT_EQ(step.own_cost > 0, step.actions != step.observation.rule_actions);
  }
  EXPECT_GT(moved, 15);
  EXPECT_NE(run.cost, rule.cost);
}

}  // namespace
}  // namespace weir
