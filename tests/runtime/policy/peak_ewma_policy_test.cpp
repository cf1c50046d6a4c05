#include "runtime/policy/peak_ewma_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

void complete(PeakEwmaPolicy& policy, int node, Duration response, int times = 1) {
  for (int i = 0; i < times; ++i)
    policy.on_completion(TaskId(), RankId(node), ClassId(0), response, response);
}

TEST(PeakEwmaPolicy, TakesTheNodeOfLessResponseTimesOwnTasks) {
  PeakEwmaPolicy policy({}, Random(4));
  ClusterInput cluster = equal_nodes(2);
  complete(policy, 0, 30ms);
  complete(policy, 1, 10ms);
  cluster.nodes[1].own_in_flight = 1;  // 10 x 2 < 30 x 1
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
  cluster.nodes[1].own_in_flight = 3;  // 10 x 4 > 30 x 1
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
}

TEST(PeakEwmaPolicy, JumpsToALongResponseAndForgetsItSlowly) {
  PeakEwmaPolicy policy({.gain = .1}, Random(4));
  const ClusterInput cluster = equal_nodes(2);
  complete(policy, 0, 20ms);
  complete(policy, 1, 10ms, 100);
  complete(policy, 1, 50ms);
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
  // 10 + 40 x .9^n is below 20 from n = 14 on.
  complete(policy, 1, 10ms, 13);
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
  complete(policy, 1, 10ms);
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(PeakEwmaPolicy, TriesAnUnknownNodeWithOneTaskOnly) {
  PeakEwmaPolicy policy({}, Random(4));
  ClusterInput cluster = equal_nodes(2);
  complete(policy, 0, 10ms);
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
  cluster.nodes[1].own_in_flight = 1;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
}

TEST(PeakEwmaPolicy, PerCoreDividesByTheCores) {
  PeakEwmaPolicy plain({}, Random(4)), per_core({.per_core = true}, Random(4));
  ClusterInput cluster = cluster_of({{.cores = 4, .own_in_flight = 2}, {.own_in_flight = 1}});
  for (PeakEwmaPolicy* policy : {&plain, &per_core}) {
    complete(*policy, 0, 10ms);
    complete(*policy, 1, 10ms);
  }
  EXPECT_EQ(plain.place({}, cluster.view()), RankId(1));
  EXPECT_EQ(per_core.place({}, cluster.view()), RankId(0));
}

}  // namespace
}  // namespace weir
