#include "runtime/policy/join_fastest_idle_local_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(JoinFastestIdleLocalPolicy, IsIdleWhileOwnCountsTimesDispatchersFitTheCores) {
  JoinFastestIdleLocalPolicy policy({});
  ClusterInput cluster = cluster_of({{.cores = 8}, {.cores = 8, .speed = 2, .own_in_flight = 3}});
  cluster.dispatcher_count = 2;  // 2 (3 + 1) <= 8
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
  cluster.nodes[1].own_in_flight = 4;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
}

TEST(JoinFastestIdleLocalPolicy, IgnoresReportedTasks) {
  JoinFastestIdleLocalPolicy policy({});
  const ClusterInput cluster =
      cluster_of({{.cores = 8}, {.cores = 8, .speed = 2, .queued = 500, .running = 8}});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(JoinFastestIdleLocalPolicy, TakesTheFewestOwnTasksForTheSpeedWhenNoneIsIdle) {
  JoinFastestIdleLocalPolicy policy({});
  // (3+1)/(2 x 1) = 2, (4+1)/(2 x 2) = 1.25.
  const ClusterInput cluster =
      cluster_of({{.cores = 2, .own_in_flight = 3}, {.cores = 2, .speed = 2, .own_in_flight = 4}});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(JoinFastestIdleLocalPolicy, ClassAwareTakesTheFastestForTheClass) {
  JoinFastestIdleLocalPolicy blind({}), aware({.speeds = SpeedBasis::kClass});
  const ClusterInput cluster =
      cluster_of({{.mean_service_s = {0.1, 0.4}}, {.mean_service_s = {0.4, 0.2}}});
  EXPECT_EQ(aware.place(task_of_class(1), cluster.view()), RankId(1));
  EXPECT_EQ(blind.place(task_of_class(1), cluster.view()), RankId(0));
}

TEST(JoinFastestIdleLocalPolicy, PassesOverANodeWhereTheClassIsAtItsLimit) {
  JoinFastestIdleLocalPolicy policy({});
  ClusterInput cluster = cluster_of({{.cores = 8}, {.cores = 8, .speed = 2}});
  cluster.nodes[1].classes[1].limit = 4;
  cluster.nodes[1].own_of_class[1] = 1;  // 2 (1 + 1) <= 4
  EXPECT_EQ(policy.place(task_of_class(1), cluster.view()), RankId(1));
  cluster.nodes[1].own_of_class[1] = 2;
  EXPECT_EQ(policy.place(task_of_class(1), cluster.view()), RankId(0));
  EXPECT_EQ(policy.place(task_of_class(0), cluster.view()), RankId(1));
  // None is idle: (9+1)/8 = 1.25 there, the class's own (2+1)/4/2 and (9+1)/8/2 = 0.63 here.
  cluster.nodes[0].own_in_flight = cluster.nodes[1].own_in_flight = 9;
  EXPECT_EQ(policy.place(task_of_class(1), cluster.view()), RankId(1));
  cluster.nodes[1].own_of_class[1] = 9;  // (9+1)/4/2 = 1.25, a tie
  EXPECT_EQ(policy.place(task_of_class(1), cluster.view()), RankId(0));
}

TEST(JoinFastestIdleLocalPolicy, UsesTokensOnceEachOnNodesTooSmallForOwnCounts) {
  JoinFastestIdleLocalPolicy policy({.wants_tokens = true});
  EXPECT_TRUE(policy.wants_tokens());
  ClusterInput cluster = equal_nodes(3, 2);
  cluster.dispatcher_count = 2;
  policy.on_token(RankId(2));
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(2));
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));  // The least own tasks, a tie.
}

TEST(JoinFastestIdleLocalPolicy, PrefersALargeIdleNodeToAToken) {
  JoinFastestIdleLocalPolicy policy({.wants_tokens = true});
  ClusterInput cluster = cluster_of({{.cores = 2}, {.cores = 16}});
  cluster.dispatcher_count = 2;
  policy.on_token(RankId(0));
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
  cluster.nodes[1].own_in_flight = 8;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
}

TEST(JoinFastestIdleLocalPolicy, TakesTheMarginFromTheCores) {
  JoinFastestIdleLocalPolicy half({.margin = .5}), half_more({.margin = 1.5});
  ClusterInput cluster = cluster_of({{.cores = 8}, {.cores = 8, .speed = 2, .own_in_flight = 4}});
  cluster.dispatcher_count = 1;
  EXPECT_EQ(half.place({}, cluster.view()), RankId(0));  // 4 + 1 > 4
  cluster.nodes[1].own_in_flight = 11;
  EXPECT_EQ(half_more.place({}, cluster.view()), RankId(1));  // 11 + 1 <= 12
}

TEST(JoinFastestIdleLocalPolicy, GoesByNominalSpeedsWhereTold) {
  JoinFastestIdleLocalPolicy nominal({.speeds = SpeedBasis::kNominal}), measured({});
  const ClusterInput cluster =
      cluster_of({{.mean_service_s = {0.1}}, {.speed = 2, .mean_service_s = {0.4}}});
  EXPECT_EQ(nominal.place({}, cluster.view()), RankId(1));
  EXPECT_EQ(measured.place({}, cluster.view()), RankId(0));
}

}  // namespace
}  // namespace weir
