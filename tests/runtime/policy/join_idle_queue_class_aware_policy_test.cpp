#include "runtime/policy/join_idle_queue_class_aware_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

ClusterInput specialists() {
  return cluster_of(
      {{.cores = 2, .mean_service_s = {0.1, 0.4}}, {.cores = 2, .mean_service_s = {0.2, 0.1}}});
}

TEST(JoinIdleQueueClassAwarePolicy, UsesEachTokenOnceAndTheFastestForTheClassFirst) {
  JoinIdleQueueClassAwarePolicy policy(Random(4));
  EXPECT_TRUE(policy.wants_tokens());
  policy.on_token(RankId(0));
  policy.on_token(RankId(1));
  policy.on_token(RankId(1));
  EXPECT_EQ(policy.place(task_of_class(1), specialists().view()), RankId(1));
  EXPECT_EQ(policy.place(task_of_class(0), specialists().view()), RankId(0));
  EXPECT_EQ(policy.place(task_of_class(0), specialists().view()), RankId(1));
}

TEST(JoinIdleQueueClassAwarePolicy, DrawsByTheRateOfTheClassWithoutTokens) {
  JoinIdleQueueClassAwarePolicy policy(Random(4));
  constexpr int kPlacements = 40000;
  int at_first = 0;
  for (int i = 0; i < kPlacements; ++i) {
    at_first += policy.place(task_of_class(1), specialists().view()) == RankId(0) ? 1 : 0;
  }
  EXPECT_NEAR(at_first, kPlacements * .2, 400);
}

TEST(JoinIdleQueueClassAwarePolicy, HoldsNoMoreTokensThanANodeHasCores) {
  JoinIdleQueueClassAwarePolicy policy(Random(4));
  for (int i = 0; i < 100; ++i) policy.on_token(RankId(0));
  policy.on_token(RankId(1));
  const ClusterInput cluster = specialists();
  EXPECT_EQ(policy.place(task_of_class(0), cluster.view()), RankId(0));
  EXPECT_EQ(policy.place(task_of_class(0), cluster.view()), RankId(0));
  EXPECT_EQ(policy.place(task_of_class(0), cluster.view()), RankId(1));
}

}  // namespace
}  // namespace weir
