#include "runtime/policy/first_policy_improvement_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

ClusterInput fast_and_slow(double cores) {
  return cluster_of({{.cores = cores, .speed = 2}, {.cores = cores, .speed = 1}});
}

void report_load(FirstPolicyImprovementPolicy& policy, const ClusterInput& cluster, double load) {
  for (int i = 0; i < 200; ++i) {
    for (NodeView node : cluster.nodes) {
      node.running = static_cast<std::uint32_t>(load * node.cores);
      policy.on_report(node);
    }
  }
}

TEST(FirstPolicyImprovementPolicy, IsShortestExpectedDelayForNodesOfOneCore) {
  FirstPolicyImprovementPolicy policy;
  // (n + 1) / 2.5 against 1.
  ClusterInput cluster = cluster_of({{.speed = 2.5}, {.speed = 1}});
  cluster.nodes[0].running = 1;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
  cluster.nodes[0].queued = 1;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(FirstPolicyImprovementPolicy, LeavesAFastNodeEarlierTheMoreTasksAreToCome) {
  const auto most_at_fast_node = [](double load) {
    FirstPolicyImprovementPolicy policy;
    ClusterInput cluster = fast_and_slow(40);
    report_load(policy, cluster, load);
    cluster.nodes[1].running = 20;
    std::uint32_t tasks = 0;
    while (policy.place({}, cluster.view()) == RankId(0)) cluster.nodes[0].running = ++tasks;
    return tasks;
  };
  // At twice the speed a wait of half the service would cost as much as the slow node now.
  EXPECT_GT(most_at_fast_node(.5), 40U);
  EXPECT_LT(most_at_fast_node(.95), most_at_fast_node(.5));
}

TEST(FirstPolicyImprovementPolicy, ClassAwareTakesTheMeasuredServiceOfTheClass) {
  FirstPolicyImprovementPolicy aware({.speeds = SpeedBasis::kClass}), blind;
  const ClusterInput cluster =
      cluster_of({{.mean_service_s = {0.1, 0.4}}, {.mean_service_s = {0.4, 0.2}}});
  EXPECT_EQ(aware.place(task_of_class(1), cluster.view()), RankId(1));
  EXPECT_EQ(blind.place(task_of_class(1), cluster.view()), RankId(0));
}

}  // namespace
}  // namespace weir
