#include "runtime/policy/lp_shares_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

constexpr LpSharesOptions kExact{.explored_share = 0};

TEST(LpSharesPolicy, GoesByNominalCapacityBeforeTheFirstDirective) {
  LpSharesPolicy policy({}, Random(1));
  const ClusterInput cluster = cluster_of({{.cores = 3}, {.cores = 1, .speed = 2}, {.cores = 5}});
  EXPECT_EQ(count_choices(policy, cluster, 1000), (std::vector<int>{300, 200, 500}));
}

TEST(LpSharesPolicy, DividesEachClassAsTheDirectiveSays) {
  LpSharesPolicy policy(kExact, Random(1));
  policy.on_directive({.weights = {{1, 3}, {1, 0}}});
  const ClusterInput cluster = equal_nodes(2);
  std::vector<int> of_second(2, 0);
  for (std::uint8_t task_class = 0; task_class < 2; ++task_class) {
    for (int i = 0; i < 400; ++i) {
      of_second[task_class] += policy.place(task_of_class(task_class), cluster.view()).value();
    }
  }
  EXPECT_EQ(of_second, (std::vector<int>{300, 0}));
}

TEST(LpSharesPolicy, SpreadsAShareEvenlyOverTime) {
  LpSharesPolicy policy(kExact, Random(1));
  policy.on_directive({.weights = {{1, 1, 2}}});
  const std::vector<int> ranks = choices(policy, equal_nodes(3), 40);
  for (std::size_t i = 0; i + 4 <= ranks.size(); i += 4) {
    EXPECT_EQ(std::count(ranks.begin() + i, ranks.begin() + i + 4, 2), 2) << i;
  }
}

TEST(LpSharesPolicy, ExploresALittleEverywhere) {
  LpSharesPolicy policy({.explored_share = 0.01}, Random(1));
  policy.on_directive({.weights = {{1, 0}}});
  const std::vector<int> chosen = count_choices(policy, equal_nodes(2), 10000);
  EXPECT_NEAR(chosen[1], 50, 2);
}

TEST(LpSharesPolicy, GoesByNominalCapacityWhereTheDirectiveIsSilentOrOutOfDate) {
  LpSharesPolicy policy(kExact, Random(1));
  policy.on_directive({.weights = {{}, {1, 0}}});
  EXPECT_EQ(count_choices(policy, equal_nodes(2), 100), (std::vector<int>{50, 50}));
  policy.on_directive({.weights = {{1, 0}}});
  EXPECT_EQ(count_choices(policy, equal_nodes(2), 100), (std::vector<int>{100, 0}));
  policy.on_directive_expired();
  EXPECT_EQ(count_choices(policy, equal_nodes(2), 100), (std::vector<int>{50, 50}));
}

TEST(LpSharesPolicy, NeverChoosesANodeWithoutCapacity) {
  LpSharesPolicy policy({}, Random(1));
  policy.on_directive({.weights = {{5, 1}}});
  const ClusterInput cluster = cluster_of({{.cores = 0}, {.cores = 1}});
  EXPECT_EQ(count_choices(policy, cluster, 100), (std::vector<int>{0, 100}));
}

TEST(LpSharesPolicy, BeginsElsewhereAtEachHome) {
  std::set<std::vector<int>> sequences;
  for (int home = 0; home < 4; ++home) {
    LpSharesPolicy policy({}, Random(1, static_cast<std::uint64_t>(home)));
    sequences.insert(choices(policy, equal_nodes(8), 8));
  }
  EXPECT_GT(sequences.size(), 2u);
}

TEST(LpSharesFastestIdle, TakesTheFastestIdleNodeThatHasAShare) {
  LpSharesPolicy policy({.fastest_idle = true, .explored_share = 0}, Random(1));
  policy.on_directive({.weights = {{0, 1, 1}}});
  ClusterInput cluster = equal_nodes(3, 4);
  cluster.nodes[0].mean_service_s[0] = 1;
  cluster.nodes[1].mean_service_s[0] = 3;
  cluster.nodes[2].mean_service_s[0] = 2;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(2));
  cluster.nodes[2].own_in_flight = 2;  // Two homes: with one more task, six for four cores.
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(LpSharesFastestIdle, KeepsToTheSharesInTheLongRun) {
  LpSharesPolicy policy({.fastest_idle = true, .burst = 4, .explored_share = 0}, Random(1));
  policy.on_directive({.weights = {{3, 1}}});
  ClusterInput cluster = equal_nodes(2, 4);
  cluster.nodes[0].mean_service_s[0] = 2;
  cluster.nodes[1].mean_service_s[0] = 1;
  const int of_fast = count_choices(policy, cluster, 400)[1];
  EXPECT_GT(of_fast, 102);
  EXPECT_LE(of_fast, 106);
}

TEST(LpSharesFastestIdle, GoesRoundWhereNoNodeIsIdle) {
  LpSharesPolicy policy({.fastest_idle = true, .explored_share = 0}, Random(1));
  policy.on_directive({.weights = {{1, 3}}});
  ClusterInput cluster = equal_nodes(2, 4);
  for (NodeView& node : cluster.nodes) node.own_in_flight = 9;
  EXPECT_NEAR(count_choices(policy, cluster, 400)[1], 300, 1);
}

}  // namespace
}  // namespace weir
