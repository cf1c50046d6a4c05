#include "tools/experiment/permutation_test.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

// Darwin's maize: heights of 15 pairs of plants, crossed and self-fertilized, in eighths of an
// inch. Fisher counted 1,726 of the 32,768 exchanges with a sum at least as large: p = 0.0527.
const std::vector<double> kCrossed{188, 96,  168, 176, 153, 172, 177, 163,
                                   146, 173, 186, 168, 177, 184, 96};
const std::vector<double> kSelfed{139, 163, 160, 160, 147, 149, 149, 122,
                                  132, 144, 130, 144, 102, 124, 144};

TEST(PairedPermutation, CountsWhatFisherCounted) {
  EXPECT_NEAR(paired_permutation_p(kCrossed, kSelfed, {.samples = 1 << 15}), 1726 / 32768.0, 1e-12);
}

TEST(PairedPermutation, ComesCloseByASampleOfTheExchanges) {
  EXPECT_NEAR(paired_permutation_p(kCrossed, kSelfed, {.samples = 30000}), 0.0527, 0.004);
}

TEST(PairedPermutation, IsTwoSided) {
  EXPECT_EQ(paired_permutation_p(kCrossed, kSelfed), paired_permutation_p(kSelfed, kCrossed));
}

TEST(PairedPermutation, HasTheLeastPossibleValueWhereAllPairsAgree) {
  const std::vector<double> values{2, 3, 4, 5, 6};
  const std::vector<double> baseline{1, 2, 3, 4, 5};
  EXPECT_EQ(paired_permutation_p(values, baseline), 2 / 32.0);
}

TEST(PairedPermutation, IsOneWhereNothingDiffers) {
  const std::vector<double> values{2, 3, 4};
  EXPECT_EQ(paired_permutation_p(values, values), 1);
}

TEST(PairedPermutation, FindsTooMuchInFivePercentOfEqualPolicies) {
  Random random(11);
  constexpr int kExperiments = 2000;
  int found = 0;
  for (int i = 0; i < kExperiments; ++i) {
    std::vector<double> values, baseline;
    for (int j = 0; j < 10; ++j) {
      values.push_back(random.exponential(1));
      baseline.push_back(random.exponential(1));
    }
    if (paired_permutation_p(values, baseline) <= 0.05) ++found;
  }
  EXPECT_NEAR(found / static_cast<double>(kExperiments), 0.05, 0.015);
}

}  // namespace
}  // namespace weir
