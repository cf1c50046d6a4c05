#include "runtime/session/placement_wish.hpp"

#include <gtest/gtest.h>

#include "runtime/session/data_holders.hpp"
#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Three nodes of one core where a task takes 10 ms, with that many tasks each.
ClusterInput with_tasks(const std::vector<std::uint32_t>& tasks) {
  ClusterInput cluster = nodes_with_tasks(tasks);
  for (NodeView& node : cluster.nodes) node.mean_service_s[0] = 0.01;
  return cluster;
}

TEST(PlacementWish, IsWhereItWasAskedForWhileTheWaitIsWithinPatience) {
  const ClusterInput cluster = with_tasks({0, 2, 1});
  EXPECT_EQ(wish_as_asked(cluster.view(), ClassId(0), RankId(1), 20ms), RankId(1));
  EXPECT_EQ(wish_as_asked(cluster.view(), ClassId(0), RankId(1), 19ms), kNoRank);
}

TEST(PlacementWish, IsAtTheDataWhileTheWaitIsShorterThanFetching) {
  const ClusterInput cluster = with_tasks({0, 2, 1});
  EXPECT_EQ(wish_by_data(cluster.view(), ClassId(0), {0.021, 0, 0.021}), RankId(1));
  EXPECT_EQ(wish_by_data(cluster.view(), ClassId(0), {0.019, 0, 0.019}), kNoRank);
}

TEST(PlacementWish, TakesTheRankThatLacksLeast) {
  const ClusterInput cluster = with_tasks({1, 1, 1});
  EXPECT_EQ(wish_by_data(cluster.view(), ClassId(0), {0.3, 0.2, 0.1}), RankId(2));
}

TEST(PlacementWish, TakesTheHolderWithFewestTasksOfEquals) {
  ClusterInput cluster = equal_nodes(3, 4);
  cluster.nodes[0].running = 2;
  cluster.nodes[1].running = 1;
  EXPECT_EQ(wish_by_data(cluster.view(), ClassId(0), {0, 0, 0.1}), RankId(1));
}

TEST(PlacementWish, IsNoneWhereAllRanksAreAlike) {
  const ClusterInput cluster = with_tasks({0, 1, 2});
  EXPECT_EQ(wish_by_data(cluster.view(), ClassId(0), {0, 0, 0}), kNoRank);
  EXPECT_EQ(wish_by_data(cluster.view(), ClassId(0), {0.1, 0.1, 0.1}), kNoRank);
}

TEST(DataHolders, AreTheHomeAndWhereReadersWereSent) {
  DataHolders holders;
  const DataRef ref{.home = RankId(1), .number = 3};
  EXPECT_TRUE(holders.has(ref, RankId(1)));
  EXPECT_FALSE(holders.has(ref, RankId(2)));
  holders.note({ref}, RankId(2));
  holders.note({ref}, kNoRank);
  EXPECT_TRUE(holders.has(ref, RankId(2)));
  EXPECT_FALSE(holders.has({.home = RankId(1), .number = 4}, RankId(2)));
  EXPECT_FALSE(holders.has({.home = RankId(2), .number = 3}, RankId(1)));
}

TEST(DataHolders, ForgetWhatWasKnownFirst) {
  DataHolders holders;
  for (std::uint64_t number = 1; number <= DataHolders::kMostKnown + 1; ++number) {
    holders.note({{.home = RankId(0), .number = number}}, RankId(1));
  }
  EXPECT_FALSE(holders.has({.home = RankId(0), .number = 1}, RankId(1)));
  EXPECT_TRUE(holders.has({.home = RankId(0), .number = 2}, RankId(1)));
}

}  // namespace
}  // namespace weir
