#include "runtime/policy/static_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(StaticPolicy, GivesEachNodeOneContiguousBlockPerPeriod) {
  StaticPolicy policy;
  const ClusterInput cluster = cluster_of({{.cores = 4}, {.cores = 2}, {.cores = 2}});
  EXPECT_EQ(choices(policy, cluster, 16),
            (std::vector<int>{0, 0, 0, 0, 1, 1, 2, 2, 0, 0, 0, 0, 1, 1, 2, 2}));
}

TEST(StaticPolicy, SharesAreProportionalToCoresTimesSpeedInTheLongRun) {
  StaticPolicy policy;
  // 3 x 0.5 : 2 x 1.3 : 1 x 0.9, so that no block is a whole number of tasks.
  const ClusterInput cluster = cluster_of(
      {{.cores = 3, .speed = 0.5}, {.cores = 2, .speed = 1.3}, {.cores = 1, .speed = 0.9}});
  const std::vector<int> chosen = choices(policy, cluster, 60000);
  EXPECT_NEAR(double(std::ranges::count(chosen, 0)), 60000 * 1.5 / 5, 20);
  EXPECT_NEAR(double(std::ranges::count(chosen, 1)), 60000 * 2.6 / 5, 20);
  EXPECT_NEAR(double(std::ranges::count(chosen, 2)), 60000 * 0.9 / 5, 20);
  for (std::size_t i = 0; i < chosen.size(); i += 6) {
    EXPECT_TRUE(std::is_sorted(chosen.begin() + i, chosen.begin() + i + 6));
  }
}

TEST(StaticPolicy, DependsOnTheTaskIndexAlone) {
  StaticPolicy policy, other;
  ClusterInput cluster = equal_nodes(5);
  const RankId first = policy.place(task_with_index(1003), cluster.view());
  policy.place(task_with_index(7), cluster.view());
  cluster.nodes[3].queued = 90;
  cluster.self = RankId(4);
  EXPECT_EQ(other.place(task_with_index(1003), cluster.view()), first);
}

TEST(StaticPolicy, SkipsNodesWithoutCapacity) {
  StaticPolicy policy;
  const ClusterInput cluster = cluster_of({{.cores = 0}, {.cores = 2}, {.cores = 1}, {.cores = 0}});
  EXPECT_EQ(choices(policy, cluster, 6), (std::vector<int>{1, 1, 2, 1, 1, 2}));
}

}  // namespace
}  // namespace weir
