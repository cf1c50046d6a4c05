#include "ml/inference/ridge_regression.hpp"

#include <gtest/gtest.h>

#include <array>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

TEST(RidgeRegression, FindsTheCoefficientsOfALinearMap) {
  RidgeRegression sums(3, 2);
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    const std::array x{random.normal(), random.normal(), random.normal()};
    sums.add(x, std::array{2 * x[0] - x[1], 0.5 * x[2]});
  }
  const std::vector<double> found = sums.coefficients(1e-9);
  const std::array<double, 6> wanted{2, -1, 0, 0, 0, 0.5};
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 1e-6) << i;
}

// One input x = 2, output y = 6: the sums are 4 and 12, and the penalty 1 adds 4.
TEST(RidgeRegression, ShrinksByThePenaltyInUnitsOfTheInputs) {
  RidgeRegression sums(1, 1);
  sums.add(std::array{2.0}, std::array{6.0});
  EXPECT_DOUBLE_EQ(sums.coefficients(1).front(), 1.5);
}

TEST(RidgeRegression, GivesEqualWeightToEqualInputs) {
  RidgeRegression sums(2, 1);
  for (const double x : {1.0, 2.0, -3.0}) sums.add(std::array{x, x}, std::array{4 * x});
  const std::vector<double> found = sums.coefficients(1e-6);
  EXPECT_NEAR(found[0], 2, 1e-4);
  EXPECT_NEAR(found[1], 2, 1e-4);
}

TEST(RidgeRegression, OfInputsThatAreAllZeroIsZero) {
  RidgeRegression sums(2, 1);
  sums.add(std::array{0.0, 0.0}, std::array{5.0});
  EXPECT_EQ(sums.coefficients(0.1), (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace weir
