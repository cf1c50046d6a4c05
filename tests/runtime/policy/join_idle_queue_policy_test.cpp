#include "runtime/policy/join_idle_queue_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(JoinIdleQueuePolicy, UsesEachTokenOnceAndIsRandomWithoutOne) {
  JoinIdleQueuePolicy policy(Random(4));
  const ClusterInput cluster = equal_nodes(100);
  policy.on_token(RankId(70));
  policy.on_token(RankId(20));
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(70));
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(20));
  const std::vector<int> chosen = count_choices(policy, cluster, 1000);
  EXPECT_LT(chosen[70], 40);
  EXPECT_LT(chosen[20], 40);
}

TEST(JoinIdleQueuePolicy, FallsBackInProportionToCapacity) {
  JoinIdleQueuePolicy policy(Random(4));
  EXPECT_NEAR(count_choices(policy, cluster_of({{.cores = 3}, {}}), 40000)[0], 30000, 350);
}

TEST(JoinIdleQueuePolicy, AsksForTokens) {
  EXPECT_TRUE(JoinIdleQueuePolicy(Random(4)).wants_tokens());
}

}  // namespace
}  // namespace weir
