#include "runtime/base/random.hpp"

#include <gtest/gtest.h>

#include <array>

namespace weir {
namespace {

TEST(Random, RepeatsItselfForTheSameSeedOnly) {
  Random a(7), b(7), c(8);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), c.next());
}

TEST(Random, HasTheMeanAndVarianceOfTheExponential) {
  Random random(3);
  double sum = 0, squares = 0;
  constexpr int kDraws = 200000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.exponential(2);
    sum += x;
    squares += x * x;
  }
  const double mean = sum / kDraws;
  EXPECT_NEAR(mean, 2, 0.03);
  EXPECT_NEAR(squares / kDraws - mean * mean, 4, 0.15);
}

TEST(Random, DrawsEveryNumberBelowTheBoundEquallyOften) {
  Random random(5);
  std::array<int, 3> seen{};
  for (int i = 0; i < 30000; ++i) ++seen[random.below(3)];
  for (const int n : seen) EXPECT_NEAR(n, 10000, 400);
}

TEST(Random, GivesDifferentSequencesForDifferentStreamsOfOneSeed) {
  Random a(1, 0), b(1, 1);
  EXPECT_NE(a.next(), b.next());
}

TEST(RandomDeathTest, RefusesABoundOfZero) {
  EXPECT_DEATH(Random(1).below(0), "bound of a random number is zero");
}

}  // namespace
}  // namespace weir
