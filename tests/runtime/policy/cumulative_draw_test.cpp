#include "runtime/policy/cumulative_draw.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

TEST(CumulativeDraw, DrawsInProportionToWeightsAndNeverOneOfWeightZero) {
  CumulativeDraw draw;
  for (const double weight : {0.0, 1.0, 0.0, 3.0, 0.0}) draw.add(weight);
  Random random(5);
  std::vector<int> drawn(draw.size());
  constexpr int kDraws = 40000;
  for (int i = 0; i < kDraws; ++i) ++drawn[draw.draw(random)];
  EXPECT_EQ(drawn[0] + drawn[2] + drawn[4], 0);
  EXPECT_NEAR(drawn[1], kDraws / 4, 400);
}

TEST(CumulativeDraw, BeginsAnewAfterClear) {
  CumulativeDraw draw;
  draw.add(1);
  draw.clear();
  draw.add(0);
  draw.add(2);
  Random random(5);
  EXPECT_EQ(draw.draw(random), 1U);
  EXPECT_EQ(draw.total(), 2);
}

TEST(CumulativeDrawDeathTest, RefusesToDrawFromNothing) {
  CumulativeDraw draw;
  draw.add(0);
  Random random(5);
  EXPECT_DEATH(draw.draw(random), "all weights are zero");
  EXPECT_DEATH(draw.add(-1), "a weight is negative");
}

}  // namespace
}  // namespace weir
