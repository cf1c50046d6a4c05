#include "runtime/policy/idle_tokens.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(IdleTokens, AreTakenOldestFirstAndOnceEach) {
  const ClusterInput cluster = equal_nodes(3);
  IdleTokens tokens;
  tokens.add(RankId(2));
  tokens.add(RankId(0));
  EXPECT_EQ(tokens.take(cluster.view()), RankId(2));
  EXPECT_EQ(tokens.take(cluster.view()), RankId(0));
  EXPECT_EQ(tokens.take(cluster.view()), kNoRank);
}

TEST(IdleTokens, OfNodesWithoutCapacityAreDropped) {
  ClusterInput cluster = equal_nodes(3);
  cluster.nodes[2].cores = 0;
  IdleTokens tokens;
  tokens.add(RankId(2));
  tokens.add(RankId(1));
  EXPECT_EQ(tokens.take(cluster.view()), RankId(1));
}

TEST(IdleTokens, ForgetTheOldestBeyondTheirLimit) {
  const ClusterInput cluster = equal_nodes(3);
  IdleTokens tokens;
  tokens.add(RankId(2));
  for (std::size_t i = 0; i < IdleTokens::kMaxTokens; ++i) tokens.add(RankId(1));
  for (std::size_t i = 0; i < IdleTokens::kMaxTokens; ++i) {
    ASSERT_EQ(tokens.take(cluster.view()), RankId(1));
  }
  EXPECT_EQ(tokens.take(cluster.view()), kNoRank);
}

}  // namespace
}  // namespace weir
