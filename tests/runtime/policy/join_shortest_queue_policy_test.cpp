#include "runtime/policy/join_shortest_queue_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(JoinShortestQueuePolicy, TakesTheFewestTasksWhateverTheCapacity) {
  JoinShortestQueuePolicy policy;
  ClusterInput cluster = nodes_with_tasks({2, 3, 1});
  cluster.nodes[1].cores = 64;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(2));
}

TEST(JoinShortestQueuePolicy, GivesTiesToTheLowestRank) {
  JoinShortestQueuePolicy policy;
  EXPECT_EQ(policy.place({}, nodes_with_tasks({1, 0, 0}).view()), RankId(1));
}

TEST(JoinShortestQueuePolicy, CountsOwnSendsSinceTheReportOncePerDispatcher) {
  JoinShortestQueuePolicy policy;
  ClusterInput cluster = nodes_with_tasks({0, 3});
  cluster.nodes[0].own_in_flight = cluster.nodes[0].own_since_report = 1;
  cluster.dispatcher_count = 4;
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
}

TEST(JoinShortestQueuePolicyDeathTest, RefusesAClusterWithoutCapacity) {
  JoinShortestQueuePolicy policy;
  EXPECT_DEATH(policy.place({}, equal_nodes(2, 0).view()), "no node with capacity");
}

}  // namespace
}  // namespace weir
