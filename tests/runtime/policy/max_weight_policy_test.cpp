#include "runtime/policy/max_weight_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

// Each node is fast for one class; they have one core and are busy.
ClusterInput specialists(std::uint32_t waiting_at_first, std::uint32_t waiting_at_second) {
  ClusterInput cluster =
      cluster_of({{.mean_service_s = {0.1, 0.4}}, {.mean_service_s = {0.2, 0.1}}});
  cluster.nodes[0].running = cluster.nodes[1].running = 1;
  cluster.nodes[0].queued = waiting_at_first;
  cluster.nodes[1].queued = waiting_at_second;
  return cluster;
}

TEST(MaxWeightPolicy, TakesTheFastestForTheClassOfTheNodesWithoutBacklog) {
  MaxWeightPolicy policy;
  ClusterInput cluster = specialists(0, 0);
  cluster.nodes[0].running = cluster.nodes[1].running = 0;
  EXPECT_EQ(policy.place(task_of_class(0), cluster.view()), RankId(0));
  EXPECT_EQ(policy.place(task_of_class(1), cluster.view()), RankId(1));
  cluster.nodes[1].running = 1;
  EXPECT_EQ(policy.place(task_of_class(1), cluster.view()), RankId(0));
}

TEST(MaxWeightPolicy, WeighsTheRateOfTheClassAgainstTheBacklog) {
  MaxWeightPolicy policy;
  // By class 0 the work of a task is measured as 0.15, by class 1 as 0.25: speeds 0.8 and 4/3.
  // Backlogs are (3+1)/0.8 = 5 and (5+1)/(4/3) = 4.5: times 0.1 and 0.2, and times 0.4 and 0.1.
  const ClusterInput cluster = specialists(3, 5);
  EXPECT_EQ(policy.place(task_of_class(0), cluster.view()), RankId(0));
  EXPECT_EQ(policy.place(task_of_class(1), cluster.view()), RankId(1));
  // 10 x 0.1 against 2.25 x 0.2.
  EXPECT_EQ(policy.place(task_of_class(0), specialists(7, 2).view()), RankId(1));
}

TEST(MaxWeightPolicy, LooksAtRatesFirstWithASmallExponent) {
  MaxWeightPolicy policy({.exponent = .1});
  EXPECT_EQ(policy.place(task_of_class(0), specialists(7, 2).view()), RankId(0));
}

}  // namespace
}  // namespace weir
