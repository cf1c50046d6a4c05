#include "runtime/policy/shortest_expected_delay_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(ShortestExpectedDelayPolicy, PrefersTheFasterNodeUntilItsQueueMakesItSlower) {
  ShortestExpectedDelayPolicy policy;
  ClusterInput cluster =
      cluster_of({{.cores = 2, .mean_service_s = {0.5}}, {.cores = 2, .mean_service_s = {0.2}}});
  // Node 1 with n tasks takes 0.2 (1 + (n - 1)/2): 0.4 at n = 3, 0.5 at n = 4, 0.6 at n = 5.
  const auto with_tasks = [&](std::uint32_t n) {
    cluster.nodes[1].queued = n;
    return policy.place({}, cluster.view());
  };
  EXPECT_EQ(with_tasks(0), RankId(1));
  EXPECT_EQ(with_tasks(3), RankId(1));
  EXPECT_EQ(with_tasks(5), RankId(0));
}

TEST(ShortestExpectedDelayPolicy, GivesTiesToTheLowestRank) {
  ShortestExpectedDelayPolicy policy;
  // 0.5 at both: service 0.5 and none waiting; service 0.25 and as much again waiting.
  const ClusterInput cluster =
      cluster_of({{.mean_service_s = {0.5}}, {.running = 1, .mean_service_s = {0.25}}});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
}

TEST(ShortestExpectedDelayPolicy, ChoosesPerClassByMeasuredRates) {
  ShortestExpectedDelayPolicy policy;
  const ClusterInput cluster =
      cluster_of({{.mean_service_s = {0.1, 0.4}}, {.mean_service_s = {0.4, 0.1}}});
  EXPECT_EQ(policy.place(task_of_class(0), cluster.view()), RankId(0));
  EXPECT_EQ(policy.place(task_of_class(1), cluster.view()), RankId(1));
}

TEST(ShortestExpectedDelayPolicy, TakesTheNominalSpeedWhereNothingIsMeasured) {
  ShortestExpectedDelayPolicy policy;
  EXPECT_EQ(policy.place({}, cluster_of({{.speed = 1}, {.speed = 2}}).view()), RankId(1));
  // Work 0.2 from node 0, so node 1 should take 0.1.
  const ClusterInput half_known = cluster_of({{.speed = 1, .mean_service_s = {0.2}}, {.speed = 2}});
  EXPECT_EQ(policy.place({}, half_known.view()), RankId(1));
}

TEST(ShortestExpectedDelayPolicy, CountsOwnSendsSinceTheReportOncePerDispatcher) {
  ShortestExpectedDelayPolicy policy;
  ClusterInput cluster = cluster_of({{.speed = 2, .own_in_flight = 1, .own_since_report = 1}, {}});
  // Speed 2 and D ahead: (1 + D) / 2, against 1.
  cluster.dispatcher_count = 1;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
  cluster.dispatcher_count = 2;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(ShortestExpectedDelayPolicy, ClassBlindTakesOneSpeedPerNode) {
  ShortestExpectedDelayPolicy aware, blind({.speeds = SpeedBasis::kMeasured});
  const ClusterInput cluster =
      cluster_of({{.mean_service_s = {0.1, 0.4}}, {.mean_service_s = {0.4, 0.2}}});
  EXPECT_EQ(aware.place(task_of_class(1), cluster.view()), RankId(1));
  EXPECT_EQ(blind.place(task_of_class(1), cluster.view()), RankId(0));
}

}  // namespace
}  // namespace weir
