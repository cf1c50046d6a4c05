#include "ml/inference/forecast_measures.hpp"

#include <gtest/gtest.h>

#include <array>

namespace weir {
namespace {

TEST(PinballLoss, ChargesTheLevelPerCountAboveTheQuantile) {
  EXPECT_DOUBLE_EQ(pinball_loss(14, 10, 0.9), 3.6);
}

TEST(PinballLoss, ChargesTheRestPerCountBelowTheQuantile) {
  EXPECT_NEAR(pinball_loss(6, 10, 0.9), 0.4, 1e-12);
  EXPECT_EQ(pinball_loss(10, 10, 0.9), 0);
}

TEST(PinballLoss, OfTheMedianIsHalfOfTheError) {
  EXPECT_DOUBLE_EQ(pinball_loss(3, 8, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(pinball_loss(8, 3, 0.5), 2.5);
}

TEST(NaiveScale, IsTheMeanChange) {
  EXPECT_DOUBLE_EQ(naive_scale(std::array{10.0, 13.0, 12.0, 12.0, 4.0}), 3);
}

TEST(NaiveScale, OfAConstantSeriesDividesNothingByZero) {
  EXPECT_GT(naive_scale(std::array{7.0, 7.0, 7.0}), 0);
}

TEST(Mase, IsTheMeanErrorInUnitsOfTheScale) {
  EXPECT_DOUBLE_EQ(mase(std::array{10.0, 20.0}, std::array{12.0, 16.0}, 6), 0.5);
}

TEST(Coverage, CountsWhatLiesAtOrBelowItsQuantile) {
  EXPECT_DOUBLE_EQ(coverage(std::array{1.0, 5.0, 7.0, 9.0}, std::array{2.0, 5.0, 6.0, 10.0}), 0.75);
}

}  // namespace
}  // namespace weir
