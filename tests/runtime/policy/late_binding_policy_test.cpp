#include "runtime/policy/late_binding_policy.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

std::vector<RankId> reserved(LateBindingPolicy& policy, const ClusterInput& cluster,
                             const TaskView& task = {}) {
  std::vector<RankId> nodes;
  policy.reserve(task, cluster.view(), nodes);
  return nodes;
}

// How often each node has a reservation for one of `tasks` tasks.
std::vector<int> count_reserved(LateBindingPolicy& policy, const ClusterInput& cluster, int tasks,
                                const TaskView& task = {}) {
  std::vector<int> counts(cluster.nodes.size());
  for (int i = 0; i < tasks; ++i) {
    for (const RankId node : reserved(policy, cluster, task)) {
      ++counts[static_cast<std::size_t>(node.value())];
    }
  }
  return counts;
}

TEST(LateBindingPolicy, ReservesAtDDifferentNodes) {
  LateBindingPolicy policy({.nodes_per_task = 3}, Random(1));
  for (int task = 0; task < 200; ++task) {
    const std::vector<RankId> nodes = reserved(policy, equal_nodes(5));
    EXPECT_EQ(nodes.size(), 3u);
    EXPECT_EQ(std::set<RankId>(nodes.begin(), nodes.end()).size(), 3u);
  }
}

TEST(LateBindingPolicy, ReservesAtFewerWhereFewerHaveCapacity) {
  LateBindingPolicy policy({.nodes_per_task = 4}, Random(1));
  ClusterInput cluster = equal_nodes(3);
  cluster.nodes[1].cores = 0;
  for (int task = 0; task < 50; ++task) {
    const std::vector<RankId> nodes = reserved(policy, cluster);
    EXPECT_EQ(std::set<RankId>(nodes.begin(), nodes.end()),
              (std::set<RankId>{RankId(0), RankId(2)}));
  }
}

TEST(LateBindingPolicy, DrawsByCapacityOrAllAlike) {
  const ClusterInput cluster = cluster_of({{.cores = 3, .speed = 2}, {.cores = 2}, {}, {}});
  LateBindingPolicy by_capacity({.nodes_per_task = 1}, Random(1));
  EXPECT_NEAR(count_reserved(by_capacity, cluster, 10'000)[0], 6'000, 200);
  LateBindingPolicy alike({.nodes_per_task = 1, .draw = ReservationDraw::kUniform}, Random(1));
  EXPECT_NEAR(count_reserved(alike, cluster, 10'000)[0], 2'500, 200);
}

TEST(LateBindingPolicy, DrawsByMeasuredRatesOfTheClassWhereClassAware) {
  // Class 0 runs three times as fast on node 0, class 1 on node 1.
  ClusterInput cluster = cluster_of({{.cores = 2}, {.cores = 2}});
  cluster.nodes[0].mean_service_s = {0.1, 0.3};
  cluster.nodes[1].mean_service_s = {0.3, 0.1};
  LateBindingPolicy policy({.nodes_per_task = 1, .draw = ReservationDraw::kClassRate}, Random(1));
  EXPECT_NEAR(count_reserved(policy, cluster, 10'000, task_of_class(0))[0], 7'500, 200);
  EXPECT_NEAR(count_reserved(policy, cluster, 10'000, task_of_class(1))[0], 2'500, 200);
}

TEST(LateBindingPolicy, FollowsTheReports) {
  ClusterInput cluster = equal_nodes(2);
  LateBindingPolicy policy({.nodes_per_task = 1}, Random(1));
  EXPECT_NEAR(count_reserved(policy, cluster, 10'000)[0], 5'000, 200);
  cluster.nodes[0].cores = 4;
  policy.on_report(cluster.nodes[0]);
  EXPECT_NEAR(count_reserved(policy, cluster, 10'000)[0], 8'000, 200);
}

TEST(LateBindingPolicy, NeverReservesAtANodeThatHasJustLostItsCapacity) {
  ClusterInput cluster = equal_nodes(20);
  LateBindingPolicy policy({}, Random(1));
  count_reserved(policy, cluster, 10);
  cluster.nodes[7].cores = 0;
  EXPECT_EQ(count_reserved(policy, cluster, 1'000)[7], 0);
}

TEST(LateBindingPolicy, BindsLate) { EXPECT_TRUE(LateBindingPolicy({}, Random(1)).binds_late()); }

}  // namespace
}  // namespace weir
