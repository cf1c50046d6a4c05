#include "runtime/policy/weighted_split.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

// Two nodes of one core at speeds 2 and 1, a mean work of 1 s: the M/M/1 queues of the textbooks,
// for which Sakasegawa's formula is exact but for its exponent, 1.
WeightedSplit split_of_fast_and_slow(const ClusterInput& cluster, double load) {
  WeightedSplit split;
  split.count(ClassId(0), cluster.view());
  split.measure(cluster.view(), load);
  return split;
}

ClusterInput fast_and_slow() {
  return cluster_of({{.speed = 2, .mean_service_s = {0.5}}, {.speed = 1, .mean_service_s = {1}}});
}

TEST(WeightedSplit, CostsWhatTheQueuesWouldCost) {
  const ClusterInput cluster = fast_and_slow();
  WeightedSplit split = split_of_fast_and_slow(cluster, .8);
  EXPECT_NEAR(split.cost(std::vector{0.0, 0.0}), 3.333333, 1e-5);
  // The square-root split, 1.648528 : .751472, as weights relative to 2 : 1.
  const double weight = std::log(1.648528 / .751472 / 2);
  EXPECT_NEAR(split.cost(std::vector{weight, 0.0}), 3.214186, 1e-5);
  EXPECT_GT(split.cost(std::vector{2 * weight, 0.0}), 3.214186);
}

TEST(WeightedSplit, IsFiniteAndDearWhereANodeIsOverloaded) {
  WeightedSplit split = split_of_fast_and_slow(fast_and_slow(), .8);
  const double overloaded = split.cost(std::vector{-4.0, 0.0});
  EXPECT_TRUE(std::isfinite(overloaded));
  EXPECT_GT(overloaded, 40);
  EXPECT_GT(split.cost(std::vector{-5.0, 0.0}), overloaded);
}

TEST(WeightedSplit, DrawsByItsWeightsAndNotFromNodesWithoutCapacity) {
  ClusterInput cluster = fast_and_slow();
  WeightedSplit split = split_of_fast_and_slow(cluster, .8);
  split.use(std::vector{std::log(2.0), 0.0}, cluster.view());
  Random random(4);
  int fast = 0;
  for (int i = 0; i < 10000; ++i)
    fast += split.draw(ClassId(0), cluster.view(), random) == RankId(0);
  EXPECT_NEAR(fast, 8000, 200);
  cluster.nodes[0].cores = 0;
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(split.draw(ClassId(0), cluster.view(), random), RankId(1));
}

TEST(WeightedSplit, TellsWhenNodesOrClassesAreNew) {
  WeightedSplit split;
  const ClusterInput cluster = fast_and_slow();
  EXPECT_TRUE(split.count(ClassId(0), cluster.view()));
  EXPECT_FALSE(split.count(ClassId(0), cluster.view()));
  EXPECT_TRUE(split.count(ClassId(2), cluster.view()));
  EXPECT_EQ(split.weight_count(), 6U);
  EXPECT_FALSE(split.count(ClassId(1), cluster.view()));
  EXPECT_TRUE(split.count(ClassId(1), equal_nodes(3).view()));
}

}  // namespace
}  // namespace weir
