#include "tools/experiment/paired_bootstrap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

struct Pairs {
  std::vector<double> values;
  std::vector<double> baseline;
};

// Seeds differ by 20 %, policies by `ratio`, and the pairs by 5 % besides.
Pairs synthetic_pairs(Random& random, std::size_t count, double ratio) {
  Pairs pairs;
  for (std::size_t i = 0; i < count; ++i) {
    const double seed = 100 * std::exp(0.2 * random.normal());
    pairs.baseline.push_back(seed * (1 + 0.05 * random.normal()));
    pairs.values.push_back(ratio * seed * (1 + 0.05 * random.normal()));
  }
  return pairs;
}

TEST(RatioOfMeans, CoversTheTrueRatioAsOftenAsItPromises) {
  Random random(7);
  constexpr int kExperiments = 1000;
  int covered = 0;
  for (int i = 0; i < kExperiments; ++i) {
    const Pairs pairs = synthetic_pairs(random, 20, 0.9);
    const RatioEstimate estimate = ratio_of_means(
        pairs.values, pairs.baseline, {.resamples = 2000, .seed = static_cast<std::uint64_t>(i)});
    if (estimate.low <= 0.9 && 0.9 <= estimate.high) ++covered;
  }
  // Three standard errors of a share of 0.95 are 0.021.
  EXPECT_NEAR(covered / static_cast<double>(kExperiments), 0.95, 0.021);
}

TEST(RatioOfMeans, IsFarNarrowerThanSeedsDiffer) {
  Random random(3);
  const Pairs pairs = synthetic_pairs(random, 20, 1.1);
  const RatioEstimate estimate = ratio_of_means(pairs.values, pairs.baseline);
  EXPECT_NEAR(estimate.ratio, 1.1, 0.05);
  EXPECT_LT(estimate.high - estimate.low, 0.1);
  EXPECT_LT(estimate.low, estimate.ratio);
  EXPECT_GT(estimate.high, estimate.ratio);
}

TEST(RatioOfMeans, IsOneWithoutDoubtForAPolicyAndItself) {
  const std::vector<double> values{3, 4, 5, 6, 7};
  const RatioEstimate estimate = ratio_of_means(values, values);
  EXPECT_EQ(estimate.ratio, 1);
  EXPECT_EQ(estimate.low, 1);
  EXPECT_EQ(estimate.high, 1);
}

TEST(RatioOfMeans, IsTheRatioOfMeansNotTheMeanOfRatios) {
  const std::vector<double> values{1, 8};
  const std::vector<double> baseline{1, 2};
  EXPECT_NEAR(ratio_of_means(values, baseline).ratio, 3, 1e-12);
}

TEST(RatioOfMeans, GivesNoIntervalForTooFewPairs) {
  const std::vector<double> values{1, 2, 3, 4};
  const std::vector<double> baseline{2, 3, 5, 6};
  EXPECT_TRUE(std::isnan(ratio_of_means(values, baseline).low));
}

TEST(RatioOfMeans, RepeatsItself) {
  Random random(5);
  const Pairs pairs = synthetic_pairs(random, 10, 1);
  EXPECT_EQ(ratio_of_means(pairs.values, pairs.baseline).low,
            ratio_of_means(pairs.values, pairs.baseline).low);
}

}  // namespace
}  // namespace weir
