#include "runtime/policy/join_fastest_idle_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(JoinFastestIdlePolicy, TakesTheFastestNodeWithAFreeCore) {
  JoinFastestIdlePolicy policy({});
  const ClusterInput cluster = cluster_of({{.cores = 2},
                                           {.cores = 2, .speed = 1.5, .running = 1},
                                           {.cores = 2, .speed = 2, .running = 2}});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(JoinFastestIdlePolicy, TakesTheFewestTasksForTheSpeedWhenNoneIsIdle) {
  JoinFastestIdlePolicy policy({});
  // (4+1)/(2 x 1) = 2.5, (5+1)/(2 x 1.5) = 2, (8+1)/(2 x 2) = 2.25.
  const ClusterInput cluster = cluster_of({{.cores = 2, .running = 4},
                                           {.cores = 2, .speed = 1.5, .running = 5},
                                           {.cores = 2, .speed = 2, .running = 8}});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(JoinFastestIdlePolicy, SeesANodeThatIsSlowerThanItsNominalSpeed) {
  JoinFastestIdlePolicy policy({});
  const ClusterInput cluster =
      cluster_of({{.speed = 1, .mean_service_s = {0.1}}, {.speed = 1.2, .mean_service_s = {0.2}}});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
}

TEST(JoinFastestIdlePolicy, ClassAwareTakesTheFastestForTheClass) {
  JoinFastestIdlePolicy blind({}), aware({.speeds = SpeedBasis::kClass});
  const ClusterInput cluster =
      cluster_of({{.mean_service_s = {0.1, 0.4}}, {.mean_service_s = {0.4, 0.2}}});
  EXPECT_EQ(aware.place(task_of_class(0), cluster.view()), RankId(0));
  EXPECT_EQ(aware.place(task_of_class(1), cluster.view()), RankId(1));
  EXPECT_EQ(blind.place(task_of_class(1), cluster.view()), RankId(0));
}

TEST(JoinFastestIdlePolicy, CountsOwnSendsSinceTheReportOncePerDispatcher) {
  JoinFastestIdlePolicy policy({});
  ClusterInput cluster = cluster_of(
      {{.cores = 4, .speed = 2, .own_in_flight = 1, .own_since_report = 1}, {.cores = 4}});
  cluster.dispatcher_count = 3;  // 3 + 1 <= 4: still idle.
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
  cluster.dispatcher_count = 4;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(JoinFastestIdlePolicy, GivesTiesToTheLowestRank) {
  JoinFastestIdlePolicy policy({});
  EXPECT_EQ(policy.place({}, nodes_with_tasks({1, 0, 0}).view()), RankId(1));
  EXPECT_EQ(policy.place({}, nodes_with_tasks({2, 1, 1}).view()), RankId(1));
}

}  // namespace
}  // namespace weir
