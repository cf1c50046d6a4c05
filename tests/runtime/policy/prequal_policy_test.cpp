#include "runtime/policy/prequal_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

std::vector<RankId> probes_of(PrequalPolicy& policy, const ClusterInput& cluster) {
  std::vector<RankId> nodes;
  policy.choose_probes(cluster.view(), nodes);
  return nodes;
}

TEST(PrequalPolicy, ProbesSoManyDifferentNodesPerTask) {
  PrequalPolicy policy({.probes_per_task = 5}, Random(1));
  const std::vector<RankId> nodes = probes_of(policy, equal_nodes(100));
  EXPECT_EQ(nodes.size(), 5u);
  EXPECT_EQ(std::set<RankId>(nodes.begin(), nodes.end()).size(), 5u);
}

TEST(PrequalPolicy, MeetsAFractionOfAProbeOnAverage) {
  PrequalPolicy policy({.probes_per_task = 1.25}, Random(1));
  std::size_t probes = 0;
  for (int task = 0; task < 10'000; ++task) {
    for (const RankId node : probes_of(policy, equal_nodes(100))) {
      ++probes;
      policy.on_probe_answer({.node = node}, Instant{});
    }
  }
  EXPECT_NEAR(static_cast<double>(probes), 12'500, 200);
}

TEST(PrequalPolicy, DoesNotProbeANodeThatOwesAnAnswer) {
  PrequalPolicy policy({}, Random(1));
  std::set<RankId> asked;
  for (int task = 0; task < 50; ++task) {
    for (const RankId node : probes_of(policy, equal_nodes(6))) {
      EXPECT_TRUE(asked.insert(node).second) << node.value();
    }
  }
  EXPECT_EQ(asked.size(), 6u);
  policy.on_probe_answer({.node = RankId(4)}, Instant{});
  std::vector<RankId> nodes;
  for (int task = 0; task < 50 && nodes.empty(); ++task) nodes = probes_of(policy, equal_nodes(6));
  EXPECT_EQ(nodes, std::vector<RankId>{RankId(4)});
}

TEST(PrequalPolicy, NeverProbesNodesWithoutCapacity) {
  PrequalPolicy policy({}, Random(1));
  ClusterInput cluster = equal_nodes(4);
  cluster.nodes[2].cores = 0;
  for (int task = 0; task < 100; ++task) {
    for (const RankId node : probes_of(policy, cluster)) {
      EXPECT_NE(node, RankId(2));
      policy.on_probe_answer({.node = node}, Instant{});
    }
  }
}

TEST(PrequalPolicy, IsRandomByCapacityUntilTwoAnswersAreThere) {
  PrequalPolicy policy({}, Random(4));
  policy.on_probe_answer({.node = RankId(1)}, Instant{});
  EXPECT_NEAR(count_choices(policy, cluster_of({{.cores = 3}, {}}), 40000)[0], 30000, 350);
}

TEST(PrequalPolicy, PlacesByTheAnswersAndForgetsOldOnes) {
  PrequalPolicy policy({.removed_per_task = 0}, Random(4));
  ClusterInput cluster = equal_nodes(200);
  for (const int node : {150, 160, 170}) {
    policy.on_probe_answer({.node = RankId(node), .in_flight = 1, .latency = node * 1ms},
                           Instant(1s));
  }
  ClusterView view = cluster.view();
  view.now = Instant(1500ms);
  EXPECT_EQ(policy.place({}, view), RankId(150));
  view.now = Instant(2001ms);
  int others = 0;
  for (int task = 0; task < 20; ++task) others += policy.place({}, view) == RankId(160) ? 0 : 1;
  EXPECT_GT(others, 15);
}

// (1 + 1) / ((1 - 16/50) 3 - 1), (1 + 1) / ((1 - 16/1000) 3 - 1), and nodes too few for the pool.
TEST(PrequalPolicy, UsesAnAnswerAsOftenAsThePaperSays) {
  const PrequalPolicy policy({}, Random(1));
  EXPECT_NEAR(policy.uses_per_answer(50), 1.923, 0.001);
  EXPECT_NEAR(policy.uses_per_answer(1000), 1.025, 0.001);
  EXPECT_EQ(policy.uses_per_answer(4), 16);
  EXPECT_EQ(PrequalPolicy({.probes_per_task = 16}, Random(1)).uses_per_answer(1000), 1);
}

TEST(PrequalPolicy, WantsLatenciesKept) { EXPECT_TRUE(PrequalPolicy({}, Random(1)).probes()); }

}  // namespace
}  // namespace weir
