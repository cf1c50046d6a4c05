#include "runtime/policy/weighted_least_connections_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(WeightedLeastConnectionsPolicy, TakesTheFewestTasksForTheCapacityTheNewOneIncluded) {
  WeightedLeastConnectionsPolicy policy({});
  // (3+1)/(4 x 1) = 1, (4+1)/(4 x 1.5) = 0.833, (0+1)/(1 x 1) = 1.
  const ClusterInput cluster = cluster_of(
      {{.cores = 4, .running = 3}, {.cores = 4, .speed = 1.5, .running = 4}, {.cores = 1}});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(WeightedLeastConnectionsPolicy, GivesTiesToTheLowestRank) {
  WeightedLeastConnectionsPolicy policy({});
  EXPECT_EQ(policy.place({}, nodes_with_tasks({2, 1, 1}).view()), RankId(1));
}

TEST(WeightedLeastConnectionsPolicy, CountsOwnSendsSinceTheReportOncePerDispatcher) {
  WeightedLeastConnectionsPolicy policy({});
  ClusterInput cluster = nodes_with_tasks({0, 5});
  cluster.nodes[0].own_in_flight = cluster.nodes[0].own_since_report = 2;
  cluster.dispatcher_count = 2;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
  cluster.dispatcher_count = 3;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(WeightedLeastConnectionsPolicy, SpreadsByOwnCountsBeforeTheFirstReport) {
  WeightedLeastConnectionsPolicy policy({});
  ClusterInput cluster = equal_nodes(3);
  for (int i = 0; i < 6; ++i) {
    const RankId rank = policy.place({}, cluster.view());
    EXPECT_EQ(rank, RankId(i % 3));
    ++cluster.nodes[static_cast<std::size_t>(rank.value())].own_in_flight;
  }
}

TEST(WeightedLeastConnectionsPolicy, ClassAwareTakesTheNodeThatIsFastForTheClass) {
  WeightedLeastConnectionsPolicy blind({}), aware({.speeds = SpeedBasis::kClass});
  const ClusterInput cluster = cluster_of(
      {{.running = 1, .mean_service_s = {0.1, 0.4}}, {.running = 1, .mean_service_s = {0.4, 0.1}}});
  EXPECT_EQ(aware.place(task_of_class(0), cluster.view()), RankId(0));
  EXPECT_EQ(aware.place(task_of_class(1), cluster.view()), RankId(1));
  EXPECT_EQ(blind.place(task_of_class(1), cluster.view()), RankId(0));
}

}  // namespace
}  // namespace weir
