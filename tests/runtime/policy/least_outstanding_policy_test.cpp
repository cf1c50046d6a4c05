#include "runtime/policy/least_outstanding_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(LeastOutstandingPolicy, TakesTheFewestOwnTasksForTheCapacity) {
  LeastOutstandingPolicy policy;
  // (1+1)/(1 x 1) = 2, (3+1)/(2 x 1.5) = 1.33, (2+1)/(2 x 1) = 1.5.
  const ClusterInput cluster = cluster_of({{.own_in_flight = 1},
                                           {.cores = 2, .speed = 1.5, .own_in_flight = 3},
                                           {.cores = 2, .own_in_flight = 2}});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(LeastOutstandingPolicy, IgnoresReports) {
  LeastOutstandingPolicy policy;
  ClusterInput cluster = nodes_with_tasks({90, 0});
  cluster.nodes[0].mean_service_s[0] = 100;
  cluster.nodes[1].mean_service_s[0] = 0.001;
  cluster.nodes[1].own_in_flight = 1;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
}

TEST(LeastOutstandingPolicy, GivesTiesToTheLowestRank) {
  LeastOutstandingPolicy policy;
  EXPECT_EQ(policy.place({}, equal_nodes(3).view()), RankId(0));
}

TEST(LeastOutstandingPolicy, ClassAwareTakesTheMeasuredRateOfTheClass) {
  LeastOutstandingPolicy by_class({.speeds = SpeedBasis::kClass});
  LeastOutstandingPolicy by_node({.speeds = SpeedBasis::kMeasured});
  const ClusterInput cluster =
      cluster_of({{.mean_service_s = {0.1, 0.4}}, {.mean_service_s = {0.4, 0.2}}});
  EXPECT_EQ(by_class.place(task_of_class(0), cluster.view()), RankId(0));
  EXPECT_EQ(by_class.place(task_of_class(1), cluster.view()), RankId(1));
  EXPECT_EQ(by_node.place(task_of_class(1), cluster.view()), RankId(0));
}

}  // namespace
}  // namespace weir
