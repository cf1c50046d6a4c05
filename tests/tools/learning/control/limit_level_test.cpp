#include "tools/learning/control/limit_level.hpp"

#include <gtest/gtest.h>

#include "ml/inference/learned_limits.hpp"
#include "tools/learning/control/limit_worlds.hpp"

namespace weir {
namespace {

// Four nodes of 16 workers: a block is half a second of each.
SimulateOptions world() {
  return options_of({{"emulate",
                      "nodes=16x1*4;work_ms=50;interference_beta=2;interference_classes=2;"
                      "interference_share=0.3"},
                     {"stream", "finance:poisson"},
                     {"stream", "social:poisson"},
                     {"stream", "iot:poisson"},
                     {"load", "0.75"},
                     {"warm-up", "2s"},
                     {"duration", "10s"},
                     {"dispatchers", "2"},
                     {"seed", "3"}});
}

TEST(LimitLevel, TellsEveryBlockOfEveryClassAtEveryNodeAndWhatItCost) {
  const ControlRun run = LimitLevel().play(world(), {});
  const std::size_t nodes = 4;
  ASSERT_EQ(run.tracks.size() % nodes, 0U);
  ASSERT_EQ(run.track_costs.size(), run.tracks.size());
  std::size_t steps = 0;
  for (std::size_t i = 0; i < run.tracks.size(); ++i) {
    EXPECT_EQ(run.track_costs[i].size(), 40U) << "ten seconds of quarters";
    for (const double cost : run.track_costs[i]) EXPECT_GE(cost, 0);
    for (const ControlStep& step : run.tracks[i]) {
      EXPECT_EQ(step.actions, Actions{LearnedLimits::kHold});
      EXPECT_EQ(step.observation.context.size(), LimitFeatures::kCount);
      EXPECT_GE(step.at, std::chrono::seconds(2));
      EXPECT_EQ(step.own_cost, 0);
      ++steps;
    }
  }
  EXPECT_GT(steps, 100U);
  EXPECT_GT(run.cost, 0.05) << "less than the work itself takes";
}

TEST(LimitLevel, PlaysTheSameAgainAndFeelsWhatItTries) {
  const ControlActor explorer{.epsilon = 0.6, .seed = 7};
  const ControlRun one = LimitLevel().play(world(), explorer);
  const ControlRun other = LimitLevel().play(world(), explorer);
  EXPECT_EQ(one.track_costs, other.track_costs);
  EXPECT_EQ(one.cost, other.cost);
  EXPECT_NE(one.cost, LimitLevel().play(world(), {}).cost);
}

TEST(LimitLevel, DrawsWorldsThatCanBePlayed) {
  for (Settings& settings : random_limit_worlds(6, 1)) EXPECT_NO_THROW(options_of(settings));
  for (Settings& settings : known_limit_worlds()) EXPECT_NO_THROW(options_of(settings));
  EXPECT_EQ(random_limit_worlds(3, 5), random_limit_worlds(3, 5));
}

}  // namespace
}  // namespace weir
