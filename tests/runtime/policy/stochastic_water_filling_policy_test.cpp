#include "runtime/policy/stochastic_water_filling_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

constexpr int kPlacements = 40000;

TEST(StochasticWaterFillingPolicy, DrawsSoThatAllHomesTogetherFillToALevel) {
  StochasticWaterFillingPolicy policy({.round_tasks = 5}, Random(4));
  ClusterInput cluster = cluster_of({{.running = 2}, {.running = 4}, {.running = 20}});
  cluster.dispatcher_count = 2;
  // 10 tasks: 9 fill 2.5 and 4.5 to the level 8, by 5.5 and 3.5.
  const std::vector<int> chosen = count_choices(policy, cluster, kPlacements);
  EXPECT_NEAR(chosen[0], kPlacements * 5.5 / 9, 400);
  EXPECT_NEAR(chosen[1], kPlacements * 3.5 / 9, 400);
  EXPECT_EQ(chosen[2], 0);
}

TEST(StochasticWaterFillingPolicy, FillsNodesInProportionToCapacity) {
  StochasticWaterFillingPolicy policy({.round_tasks = 1000}, Random(4));
  ClusterInput cluster = cluster_of({{.cores = 2, .speed = 1.5}, {}});
  cluster.dispatcher_count = 8;
  EXPECT_NEAR(count_choices(policy, cluster, kPlacements)[0], kPlacements * .75, 400);
}

TEST(StochasticWaterFillingPolicy, IsTheShortestQueueForOneTaskOfOneHome) {
  StochasticWaterFillingPolicy policy({.round_tasks = 1}, Random(4));
  ClusterInput cluster =
      cluster_of({{.own_in_flight = 2}, {.own_in_flight = 1}, {.own_in_flight = 1}});
  cluster.dispatcher_count = 1;
  EXPECT_EQ(count_choices(policy, cluster, 50), (std::vector{0, 50, 0}));
}

TEST(StochasticWaterFillingPolicy, LooksAtQueuesOncePerRound) {
  StochasticWaterFillingPolicy policy({.round_tasks = 3}, Random(4));
  ClusterInput cluster = nodes_with_tasks({0, 100});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
  cluster = nodes_with_tasks({100, 0});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(StochasticWaterFillingPolicy, LeavesANodeThatIsLostWithinARound) {
  StochasticWaterFillingPolicy policy({.round_tasks = 1000}, Random(4));
  ClusterInput cluster = equal_nodes(2);
  policy.place({}, cluster.view());
  cluster.nodes[0].cores = 0;
  EXPECT_EQ(count_choices(policy, cluster, 50), (std::vector{0, 50}));
}

}  // namespace
}  // namespace weir
