#include "runtime/policy/random_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(RandomPolicy, PlainChoosesAllNodesAlike) {
  RandomPolicy policy(NodeWeight::kUniform, Random(4));
  const ClusterInput cluster = cluster_of({{.cores = 30}, {.cores = 1}, {.speed = 0.1}});
  for (const int n : count_choices(policy, cluster, 30000)) EXPECT_NEAR(n, 10000, 350);
}

TEST(RandomPolicy, WeightedChoosesInProportionToCoresTimesSpeed) {
  RandomPolicy policy(NodeWeight::kCapacity, Random(4));
  const std::vector<int> chosen =
      count_choices(policy, cluster_of({{.cores = 6, .speed = 0.5}, {.cores = 1}}), 40000);
  EXPECT_NEAR(chosen[0], 30000, 350);
}

TEST(RandomPolicy, RepeatsItselfForTheSameSeed) {
  RandomPolicy a(NodeWeight::kUniform, Random(4)), b(NodeWeight::kUniform, Random(4)),
      c(NodeWeight::kUniform, Random(5));
  const std::vector<int> chosen = choices(a, equal_nodes(9), 50);
  EXPECT_EQ(choices(b, equal_nodes(9), 50), chosen);
  EXPECT_NE(choices(c, equal_nodes(9), 50), chosen);
}

TEST(RandomPolicyDeathTest, RefusesAClusterWithoutCapacity) {
  RandomPolicy policy(NodeWeight::kUniform, Random(4));
  EXPECT_DEATH(policy.place({}, equal_nodes(2, 0).view()), "no node with capacity");
}

}  // namespace
}  // namespace weir
