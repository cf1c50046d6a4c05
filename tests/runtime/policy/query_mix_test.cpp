#include "runtime/policy/query_mix.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace weir {
namespace {

TEST(QueryMix, ModelKnowsRandomPlacementAndTwoChoicesOfIdleNodes) {
  const std::vector<SpeedGroup> equal{{.speed = 1, .cores = 1, .nodes = 1000}};
  const std::vector<double> all{1};
  EXPECT_NEAR(mean_response_of_mix(equal, .8, 1, all), 5, 1e-4);  // M/M/1
  // Joined at .8 x 1.8 while idle and .8 x .8 while busy: E[N] = .8 / (1 - .64).
  EXPECT_NEAR(mean_response_of_mix(equal, .8, 2, all), 1 / .36, 1e-4);
  const std::vector<SpeedGroup> pairs{{.speed = 1, .cores = 2, .nodes = 1000}};
  EXPECT_NEAR(mean_response_of_mix(pairs, .8, 1, all), 2.777778, 1e-4);  // M/M/2
}

TEST(QueryMix, ModelKnowsRandomPlacementOnUnequalNodes) {
  const std::vector<SpeedGroup> unequal{{.speed = 2, .cores = 1, .nodes = 10},
                                        {.speed = 1, .cores = 1, .nodes = 10}};
  EXPECT_NEAR(mean_response_of_mix(unequal, .8, 1, std::vector{2 / 3.0, 1 / 3.0}), 3.333333, 1e-4);
  // One choice and no idle queue known: the best mix is the square-root split.
  const std::vector<double> best = best_query_mix(unequal, .8, 1);
  EXPECT_NEAR(best[0], 1.648528 / 2.4, .01);
  EXPECT_NEAR(mean_response_of_mix(unequal, .8, 1, best), 3.214186, .005);
}

TEST(QueryMix, AsksSlowNodesOnlyWhereTheLoadNeedsThem) {
  const std::vector<SpeedGroup> groups{{.speed = 4, .cores = 8, .nodes = 10},
                                       {.speed = 1, .cores = 8, .nodes = 10}};
  const std::vector<double> light = best_query_mix(groups, .2, 2);
  const std::vector<double> heavy = best_query_mix(groups, .95, 2);
  EXPECT_LT(light[1], .02);
  EXPECT_GT(heavy[1], .1);
  for (const auto& mix : {light, heavy}) {
    EXPECT_NEAR(std::accumulate(mix.begin(), mix.end(), 0.0), 1, 1e-9);
  }
}

TEST(QueryMix, IsNeverWorseThanAProportionalOne) {
  const std::vector<SpeedGroup> groups{{.speed = 1.2, .cores = 44, .nodes = 10},
                                       {.speed = 1, .cores = 32, .nodes = 20},
                                       {.speed = .9, .cores = 24, .nodes = 20}};
  const std::vector<double> proportional{.33, .4, .27};
  for (const double load : {.1, .5, .8, .95}) {
    const std::vector<double> best = best_query_mix(groups, load, 2);
    EXPECT_LE(mean_response_of_mix(groups, load, 2, best),
              mean_response_of_mix(groups, load, 2, proportional) + 1e-9)
        << load;
  }
}

}  // namespace
}  // namespace weir
