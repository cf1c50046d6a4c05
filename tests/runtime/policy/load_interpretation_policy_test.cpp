#include "runtime/policy/load_interpretation_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr int kPlacements = 40000;

// Two nodes of 100 tasks/s each; the first has `more` waiting tasks, as of `age` ago.
ClusterInput reported(std::uint32_t more, Duration age) {
  ClusterInput cluster = equal_nodes(2, 10);
  for (NodeView& node : cluster.nodes) {
    node.running = 10;
    node.mean_service_s = {0.08, 0.12};
    node.report_age = age;
  }
  cluster.nodes[0].queued = more;
  cluster.dispatcher_count = 2;
  return cluster;
}

TEST(LoadInterpretationPolicy, FollowsAFreshReport) {
  LoadInterpretationPolicy policy({}, Random(4));
  EXPECT_EQ(count_choices(policy, reported(5, 0ms), 50), (std::vector{0, 50}));
}

TEST(LoadInterpretationPolicy, LevelsQueuesByTheTasksPlacedSinceTheReport) {
  LoadInterpretationPolicy policy({}, Random(4));
  // 200/s x 90 ms + 2 = 20 tasks raise 20 and 15 to 27.5: 7.5 and 12.5.
  const std::vector<int> chosen = count_choices(policy, reported(5, 90ms), kPlacements);
  EXPECT_NEAR(chosen[0], kPlacements * 7.5 / 20, 400);
}

TEST(LoadInterpretationPolicy, SplitsByCapacityWhereReportsAreOld) {
  LoadInterpretationPolicy policy({}, Random(4));
  ClusterInput cluster = reported(5, 1h);
  cluster.nodes[0].speed = 3;
  EXPECT_NEAR(count_choices(policy, cluster, kPlacements)[0], kPlacements * .75, 400);
}

TEST(LoadInterpretationPolicy, BelievesReportsLongerWithASmallerDiscount) {
  LoadInterpretationPolicy policy({.discount = .1}, Random(4));
  EXPECT_EQ(count_choices(policy, reported(5, 90ms), 50), (std::vector{0, 50}));
}

TEST(LoadInterpretationPolicy, TrustsItsOwnCountsWhereItIsAlone) {
  LoadInterpretationPolicy policy({}, Random(4));
  ClusterInput cluster = reported(5, 1h);
  cluster.dispatcher_count = 1;
  cluster.nodes[1].own_in_flight = 4;
  EXPECT_EQ(count_choices(policy, cluster, 50), (std::vector{50, 0}));
}

}  // namespace
}  // namespace weir
