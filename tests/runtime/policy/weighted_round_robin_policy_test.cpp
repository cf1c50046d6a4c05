#include "runtime/policy/weighted_round_robin_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(WeightedRoundRobinPolicy, FollowsTheSmoothSequence) {
  WeightedRoundRobinPolicy policy(RankId(0));
  const ClusterInput cluster = cluster_of({{.cores = 5}, {.cores = 1}, {.cores = 1}});
  EXPECT_EQ(choices(policy, cluster, 14),
            (std::vector<int>{0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0}));
}

TEST(WeightedRoundRobinPolicy, WeighsCoresBySpeed) {
  WeightedRoundRobinPolicy policy(RankId(0));
  const ClusterInput cluster = cluster_of({{.cores = 4, .speed = 0.5}, {.cores = 1, .speed = 1}});
  EXPECT_EQ(choices(policy, cluster, 6), (std::vector<int>{0, 1, 0, 0, 1, 0}));
}

TEST(WeightedRoundRobinPolicy, StartsAsManyChoicesInAsTheHomeSays) {
  WeightedRoundRobinPolicy policy(RankId(2));
  const ClusterInput cluster = cluster_of({{.cores = 5}, {.cores = 1}, {.cores = 1}});
  EXPECT_EQ(choices(policy, cluster, 5), (std::vector<int>{1, 0, 2, 0, 0}));
}

TEST(WeightedRoundRobinPolicy, SkipsNodesWithoutCapacity) {
  WeightedRoundRobinPolicy policy(RankId(0));
  EXPECT_EQ(choices(policy, cluster_of({{.cores = 0}, {}, {}}), 4), (std::vector<int>{1, 2, 1, 2}));
}

}  // namespace
}  // namespace weir
