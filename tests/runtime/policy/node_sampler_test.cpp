#include "runtime/policy/node_sampler.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

TEST(NodeSampler, SeesEveryChangeOfCapacityWithinOneRoundOfTheNodes) {
  NodeSampler sampler(NodeWeight::kCapacity, Random(2));
  ClusterInput cluster = equal_nodes(4);
  cluster.nodes[3].cores = 0;
  for (int i = 0; i < 100; ++i) EXPECT_NE(sampler.draw(cluster.view()), 3u);
  EXPECT_EQ(sampler.drawable_nodes(), 3u);

  cluster.nodes[3].cores = 1000;
  for (int i = 0; i < 4; ++i) sampler.draw(cluster.view());
  int drawn = 0;
  for (int i = 0; i < 1000; ++i) drawn += sampler.draw(cluster.view()) == 3 ? 1 : 0;
  EXPECT_GT(drawn, 980);
}

TEST(NodeSampler, NeverDrawsANodeThatHasJustLostItsCapacity) {
  ClusterInput cluster = equal_nodes(3);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    NodeSampler sampler(NodeWeight::kUniform, Random(seed));
    cluster.nodes[1].cores = 1;
    sampler.draw(cluster.view());
    cluster.nodes[1].cores = 0;
    EXPECT_NE(sampler.draw(cluster.view()), 1u);
  }
}

TEST(NodeSampler, FollowsANumberOfNodesThatShrinks) {
  NodeSampler sampler(NodeWeight::kUniform, Random(2));
  sampler.draw(equal_nodes(10).view());
  for (int i = 0; i < 50; ++i) EXPECT_LT(sampler.draw(equal_nodes(2).view()), 2u);
}

}  // namespace
}  // namespace weir
