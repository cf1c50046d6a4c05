#include "ml/training/experience/sum_tree.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

TEST(SumTree, FindsTheWeightUnderAMass) {
  SumTree tree(5);
  for (std::size_t i = 0; i < 5; ++i) tree.set(i, static_cast<double>(i));  // 0 1 2 3 4
  EXPECT_DOUBLE_EQ(tree.total(), 10);
  EXPECT_EQ(tree.find(0), 1U);
  EXPECT_EQ(tree.find(0.99), 1U);
  EXPECT_EQ(tree.find(1), 2U);
  EXPECT_EQ(tree.find(5.99), 3U);
  EXPECT_EQ(tree.find(6), 4U);
}

TEST(SumTree, NeverFindsWhatHasNoWeightEvenBeyondTheTotal) {
  SumTree tree(8);
  tree.set(3, 0.1);
  EXPECT_EQ(tree.find(0.05), 3U);
  EXPECT_EQ(tree.find(0.1), 3U);
  EXPECT_EQ(tree.find(5), 3U);
}

TEST(SumTree, HasTheSameSumsHoweverItsWeightsCameAbout) {
  SumTree changed(100);
  Random random(1);
  for (int i = 0; i < 10'000; ++i) changed.set(random.below(100), 1e9 * random.uniform());
  SumTree fresh(100);
  for (std::size_t i = 0; i < 100; ++i) {
    changed.set(i, 1 / (1.0 + static_cast<double>(i)));
    fresh.set(99 - i, 1 / (100.0 - static_cast<double>(i)));
  }
  EXPECT_EQ(changed.total(), fresh.total());
}

TEST(SumTreeDeathTest, RefusesWeightsThatAreNone) {
  SumTree tree(2);
  EXPECT_DEATH(tree.set(0, -1), "no such weight");
  EXPECT_DEATH(tree.set(0, std::nan("")), "no such weight");
  EXPECT_DEATH(tree.find(0), "nothing to find");
}

}  // namespace
}  // namespace weir
