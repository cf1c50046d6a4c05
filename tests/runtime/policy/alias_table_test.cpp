#include "runtime/policy/alias_table.hpp"

#include <gtest/gtest.h>

#include <array>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

// Chi-square of the draws of this table against its weights.
double chi_square(const std::vector<double>& weights, int draws) {
  const AliasTable table(weights);
  Random random(9);
  std::vector<int> drawn(weights.size());
  for (int i = 0; i < draws; ++i) ++drawn[table.draw(random)];
  double total = 0;
  for (const double weight : weights) total += weight;
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double expected = draws * weights[i] / total;
    if (expected == 0) {
      EXPECT_EQ(drawn[i], 0);
    } else {
      sum += (drawn[i] - expected) * (drawn[i] - expected) / expected;
    }
  }
  return sum;
}

TEST(AliasTable, DrawsInProportionToTheWeights) {
  // 99.9 % quantile of the chi-square distribution with 4 degrees of freedom: 18.47.
  EXPECT_LT(chi_square({1, 2, 3.5, 0.5, 13}, 200000), 18.47);
  EXPECT_LT(chi_square({1, 1, 1, 1, 1}, 200000), 18.47);
}

TEST(AliasTable, NeverDrawsAWeightOfZero) {
  EXPECT_LT(chi_square({0, 1, 0, 0.1, 0, 0.1, 0.1}, 100000), 18.47);
}

TEST(AliasTable, OfOneWeightAlwaysDrawsIt) {
  const AliasTable table(std::array{0.3});
  Random random(1);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(table.draw(random), 0u);
}

TEST(AliasTableDeathTest, RefusesWeightsThatAreAllZeroOrNegative) {
  EXPECT_DEATH(AliasTable(std::array{0.0, 0.0}), "all weights are zero");
  EXPECT_DEATH(AliasTable(std::array{2.0, -1.0}), "a weight is negative");
}

}  // namespace
}  // namespace weir
