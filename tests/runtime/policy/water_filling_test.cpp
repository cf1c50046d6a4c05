#include "runtime/policy/water_filling.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(WaterFilling, ReachesTheLevelThatHoldsTheAmount) {
  WaterFilling filling;
  filling.add(3, 1);
  filling.add(1, 2);
  filling.add(9, 1);
  EXPECT_DOUBLE_EQ(filling.level(0), 1);
  EXPECT_DOUBLE_EQ(filling.level(2), 2);               // 2 x (2 - 1)
  EXPECT_DOUBLE_EQ(filling.level(4), 3);               // just to the second vessel
  EXPECT_DOUBLE_EQ(filling.level(7), 4);               // 2 x 3 + 1 x 1
  EXPECT_DOUBLE_EQ(filling.level(2 * 9 + 7 + 1), 10);  // all three
}

TEST(WaterFilling, BeginsAnewAfterClear) {
  WaterFilling filling;
  filling.add(1, 1);
  filling.clear();
  filling.add(5, 2);
  EXPECT_DOUBLE_EQ(filling.level(3), 6.5);
}

TEST(WaterFillingDeathTest, NeedsAVessel) {
  EXPECT_DEATH(WaterFilling().level(1), "nothing to fill");
}

}  // namespace
}  // namespace weir
