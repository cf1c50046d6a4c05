#include "runtime/policy/work_stealing_policy.hpp"

#include <gtest/gtest.h>

#include "runtime/policy/join_idle_queue_policy.hpp"
#include "runtime/policy/lp_shares_policy.hpp"
#include "runtime/policy/round_robin_policy.hpp"
#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(WorkStealingPolicy, KeepsTasksAtTheirHomeAndSteals) {
  WorkStealingPolicy policy;
  ClusterInput cluster = nodes_with_tasks({0, 0, 90});
  cluster.self = RankId(2);
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(2));
  EXPECT_TRUE(policy.steals());
}

TEST(WorkStealingPolicy, SpreadsOwnTasksFromAHomeWithoutCapacity) {
  WorkStealingPolicy policy;
  const ClusterInput cluster =
      cluster_of({{.cores = 0}, {.cores = 2, .own_in_flight = 2}, {.cores = 2}});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(2));
}

TEST(PolicyWithWorkStealing, PlacesAsTheOtherPolicyAndSteals) {
  PolicyWithWorkStealing policy(std::make_unique<RoundRobinPolicy>(RankId(0)));
  EXPECT_EQ(choices(policy, equal_nodes(3), 4), (std::vector<int>{0, 1, 2, 0}));
  EXPECT_TRUE(policy.steals());
  EXPECT_FALSE(policy.wants_tokens());
}

TEST(PolicyWithWorkStealing, HandsDirectivesOn) {
  PolicyWithWorkStealing policy(std::make_unique<LpSharesPolicy>(LpSharesOptions{}, Random(4)));
  EXPECT_NE(policy.make_planner(1), nullptr);
  const auto share_of_last = [&] { return count_choices(policy, equal_nodes(4), 1000)[3]; };
  EXPECT_NEAR(share_of_last(), 250, 2);
  policy.on_directive({.weights = {{1, 1, 1, 0}}});
  EXPECT_LT(share_of_last(), 20);
  policy.on_directive_expired();
  EXPECT_NEAR(share_of_last(), 250, 2);
}

TEST(PolicyWithWorkStealing, HandsTokensOn) {
  PolicyWithWorkStealing policy(std::make_unique<JoinIdleQueuePolicy>(Random(4)));
  EXPECT_TRUE(policy.wants_tokens());
  policy.on_token(RankId(77));
  EXPECT_EQ(policy.place({}, equal_nodes(100).view()), RankId(77));
}

}  // namespace
}  // namespace weir
