#include "runtime/policy/heterogeneity_aware_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

void report_load(HeterogeneityAwarePolicy& policy, const ClusterInput& cluster, double load) {
  for (int i = 0; i < 200; ++i) {
    for (NodeView node : cluster.nodes) {
      node.running = static_cast<std::uint32_t>(load * node.cores);
      policy.on_report(node);
    }
  }
}

// Two fast nodes and two slow ones.
ClusterInput fast_and_slow(double cores) {
  const NodeView slow{.cores = cores, .speed = 1};
  const NodeView fast{.cores = cores, .speed = 4};
  ClusterInput cluster = cluster_of({slow, fast, slow, fast});
  cluster.dispatcher_count = 2;
  return cluster;
}

TEST(HeterogeneityAwarePolicy, AsksFastNodesAloneAtLightLoadAndSlowOnesAtHeavyLoad) {
  const ClusterInput cluster = fast_and_slow(10);
  HeterogeneityAwarePolicy light({}, Random(4)), heavy({}, Random(4));
  report_load(light, cluster, .2);
  report_load(heavy, cluster, .95);
  ClusterInput busy = cluster;
  for (NodeView& node : busy.nodes) node.running = 10;
  const std::vector<int> at_light = count_choices(light, busy, 1000);
  const std::vector<int> at_heavy = count_choices(heavy, busy, 1000);
  EXPECT_LT(at_light[0] + at_light[2], 30);
  EXPECT_GT(at_heavy[0] + at_heavy[2], 100);
}

TEST(HeterogeneityAwarePolicy, TakesTheFastestIdleNodeAsked) {
  // With 16 asked of four, all are asked.
  HeterogeneityAwarePolicy policy({.asked_nodes = 16}, Random(4));
  ClusterInput cluster = fast_and_slow(1);
  report_load(policy, cluster, .95);
  cluster.nodes[1].running = 1;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(3));
}

TEST(HeterogeneityAwarePolicy, WithoutAnIdleNodeTakesTheLeastLoadedOrAny) {
  ClusterInput cluster = fast_and_slow(1);
  for (NodeView& node : cluster.nodes) node.running = 9;
  cluster.nodes[1].running = 5;
  HeterogeneityAwarePolicy shortest({.asked_nodes = 16, .shortest_queue = true}, Random(4));
  HeterogeneityAwarePolicy any({.asked_nodes = 16}, Random(4));
  EXPECT_GT(count_choices(shortest, cluster, 100)[1], 98);
  EXPECT_GT(count_choices(any, cluster, 100)[3], 10);
}

TEST(HeterogeneityAwarePolicy, LeavesANodeThatIsLostAtOnce) {
  HeterogeneityAwarePolicy policy({}, Random(4));
  ClusterInput cluster = fast_and_slow(1);
  policy.place({}, cluster.view());
  cluster.nodes[1].cores = 0;
  cluster.nodes[3].cores = 0;
  const std::vector<int> chosen = count_choices(policy, cluster, 100);
  EXPECT_EQ(chosen[1] + chosen[3], 0);
  EXPECT_GT(chosen[0], 10);
}

TEST(HeterogeneityAwarePolicy, WorksWithMoreKindsOfNodesThanGroups) {
  std::vector<NodeView> nodes(20);
  for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i].speed = 1 + .1 * static_cast<double>(i);
  const ClusterInput cluster = cluster_of(nodes);
  HeterogeneityAwarePolicy policy({.asked_nodes = 1}, Random(4));
  report_load(policy, cluster, 1);
  for (const int chosen : count_choices(policy, cluster, 4000)) EXPECT_GT(chosen, 20);
}

}  // namespace
}  // namespace weir
