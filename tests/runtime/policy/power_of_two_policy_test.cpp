#include "runtime/policy/power_of_two_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(PowerOfTwoPolicy, PlainTakesTheNodeWithFewerTasksOfTwoDifferentOnes) {
  PowerOfTwoPolicy policy(NodeWeight::kUniform, {}, Random(4));
  EXPECT_EQ(count_choices(policy, nodes_with_tasks({2, 1}), 200), (std::vector<int>{0, 200}));
}

TEST(PowerOfTwoPolicy, PlainPrefersByRankOfLoadAsPairsFall) {
  PowerOfTwoPolicy policy(NodeWeight::kUniform, {}, Random(4));
  // Of the three pairs the least loaded node wins two, the middle one the third.
  const std::vector<int> chosen = count_choices(policy, nodes_with_tasks({3, 1, 2}), 30000);
  EXPECT_EQ(chosen[0], 0);
  EXPECT_NEAR(chosen[1], 20000, 350);
  EXPECT_NEAR(chosen[2], 10000, 350);
}

TEST(PowerOfTwoPolicy, PlainGivesTiesToTheLowestRank) {
  PowerOfTwoPolicy policy(NodeWeight::kUniform, {}, Random(4));
  EXPECT_EQ(count_choices(policy, nodes_with_tasks({1, 1}), 100), (std::vector<int>{100, 0}));
}

TEST(PowerOfTwoPolicy, WeightedDrawsByCapacityAndComparesTasksPerCapacity) {
  PowerOfTwoPolicy policy(NodeWeight::kCapacity, {}, Random(4));
  // Node 0 has capacity 3 of 4 and load 2/3, node 1 load 1: node 1 wins only when drawn twice.
  const ClusterInput cluster =
      cluster_of({{.cores = 6, .speed = 0.5, .running = 2}, {.running = 1}});
  EXPECT_NEAR(count_choices(policy, cluster, 32000)[1], 2000, 200);
}

TEST(PowerOfTwoPolicy, CountsOwnSendsSinceTheReportOncePerDispatcher) {
  PowerOfTwoPolicy policy(NodeWeight::kUniform, {}, Random(4));
  ClusterInput cluster = nodes_with_tasks({0, 3});
  cluster.nodes[0].own_in_flight = cluster.nodes[0].own_since_report = 1;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
  cluster.dispatcher_count = 4;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(PowerOfTwoPolicy, WorksWithOneNodeOfCapacity) {
  PowerOfTwoPolicy policy(NodeWeight::kUniform, {}, Random(4));
  EXPECT_EQ(policy.place({}, cluster_of({{.cores = 0}, {}}).view()), RankId(1));
}

TEST(PowerOfTwoPolicy, DrawsAsManyDifferentNodesAsItIsTold) {
  PowerOfTwoPolicy policy(NodeWeight::kUniform, {.drawn_nodes = 4}, Random(4));
  // All four are always drawn, so that the least of all is always chosen; more than there are too.
  EXPECT_EQ(count_choices(policy, nodes_with_tasks({3, 2, 1, 2}), 50), (std::vector{0, 0, 50, 0}));
  EXPECT_EQ(count_choices(policy, nodes_with_tasks({3, 2, 1}), 50), (std::vector{0, 0, 50}));
}

TEST(PowerOfTwoPolicy, CountsOwnTasksAsOftenAsItIsTold) {
  ClusterInput cluster = nodes_with_tasks({3, 0});
  cluster.nodes[1].own_in_flight = 1;
  cluster.nodes[1].own_since_report = 1;
  cluster.dispatcher_count = 8;
  PowerOfTwoPolicy for_all(NodeWeight::kUniform, {}, Random(4));
  PowerOfTwoPolicy for_itself(NodeWeight::kUniform, {.own_weight = .125}, Random(4));
  EXPECT_EQ(for_all.place({}, cluster.view()), RankId(0));
  EXPECT_EQ(for_itself.place({}, cluster.view()), RankId(1));
}

}  // namespace
}  // namespace weir
