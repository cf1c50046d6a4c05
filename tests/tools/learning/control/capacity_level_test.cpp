#include "tools/learning/control/capacity_level.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "ml/inference/learned_capacity.hpp"
#include "tools/learning/control/capacity_worlds.hpp"

namespace weir {
namespace {

SimulateOptions world() {
  Settings settings = known_capacity_worlds().front();
  replace_setting(settings, "duration", "70s");
  replace_setting(settings, "warm-up", "20s");
  replace_setting(settings, "seed", "3");
  return options_of(settings);
}

TEST(CapacityLevel, TellsEverySecondAndWhatItCost) {
  const ControlRun run = CapacityLevel().play(world(), {});
  ASSERT_EQ(run.tracks.size(), 1u);
  // From the thirtieth second on a network is asked.
  ASSERT_NEAR(static_cast<double>(run.tracks[0].size()), 40, 4);
  for (const ControlStep& step : run.tracks[0]) {
    EXPECT_EQ(step.actions, Actions{LearnedCapacity::kHold});
    EXPECT_EQ(step.observation.context.size(), CapacityFeatures::kCount);
    EXPECT_EQ(step.own_cost, 0);
  }
  ASSERT_GE(run.costs.size(), 70u);
  EXPECT_NEAR(run.costs[3], 1, 0.01) << "all nodes are on until the load is known";
  for (const double cost : run.costs) EXPECT_GE(cost, 0);
  EXPECT_NEAR(run.cost, std::accumulate(run.costs.begin() + 20, run.costs.end(), 0.0), 1e-9);
}

TEST(CapacityLevel, PlaysTheSameAgainAndFeelsWhatItTries) {
  const ControlActor explorer{.epsilon = 0.6, .seed = 7};
  const ControlRun one = CapacityLevel().play(world(), explorer);
  const ControlRun other = CapacityLevel().play(world(), explorer);
  EXPECT_EQ(one.costs, other.costs);
  EXPECT_NE(one.costs, CapacityLevel().play(world(), {}).costs);
}

TEST(CapacityLevel, DrawsWorldsThatCanBePlayed) {
  for (Settings& settings : random_capacity_worlds(6, 1)) {
    EXPECT_NO_THROW(options_of(settings));
  }
  EXPECT_EQ(random_capacity_worlds(3, 5), random_capacity_worlds(3, 5));
}

}  // namespace
}  // namespace weir
