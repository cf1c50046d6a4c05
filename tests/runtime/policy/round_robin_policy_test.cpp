#include "runtime/policy/round_robin_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(RoundRobinPolicy, TakesTheNodesInTurnFromTheHomeOn) {
  RoundRobinPolicy first(RankId(0)), second(RankId(2));
  EXPECT_EQ(choices(first, equal_nodes(3), 5), (std::vector<int>{0, 1, 2, 0, 1}));
  EXPECT_EQ(choices(second, equal_nodes(3), 5), (std::vector<int>{2, 0, 1, 2, 0}));
}

TEST(RoundRobinPolicy, SkipsNodesWithoutCapacity) {
  RoundRobinPolicy policy(RankId(0));
  EXPECT_EQ(choices(policy, cluster_of({{}, {.cores = 0}, {}}), 4), (std::vector<int>{0, 2, 0, 2}));
}

TEST(RoundRobinPolicyDeathTest, RefusesAClusterWithoutCapacity) {
  RoundRobinPolicy policy(RankId(0));
  EXPECT_DEATH(policy.place({}, equal_nodes(2, 0).view()), "no node with capacity");
}

}  // namespace
}  // namespace weir
