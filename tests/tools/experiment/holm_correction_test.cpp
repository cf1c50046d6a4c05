#include "tools/experiment/holm_correction.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

// 0.01, 0.04, 0.03, 0.005 (Wright, Biometrics 48, 1992, and many textbooks): sorted, times 4, 3, 2
// and 1, and never below the one before.
TEST(HolmAdjusted, GivesTheTextbookValuesInTheOrderGiven) {
  const std::vector<double> adjusted = holm_adjusted(std::vector<double>{0.01, 0.04, 0.03, 0.005});
  ASSERT_EQ(adjusted.size(), 4u);
  EXPECT_NEAR(adjusted[0], 0.03, 1e-15);
  EXPECT_NEAR(adjusted[1], 0.06, 1e-15);
  EXPECT_NEAR(adjusted[2], 0.06, 1e-15);
  EXPECT_NEAR(adjusted[3], 0.02, 1e-15);
}

TEST(HolmAdjusted, NeverExceedsOne) {
  EXPECT_EQ(holm_adjusted(std::vector<double>{0.9, 0.8}), (std::vector<double>{1, 1}));
}

TEST(HolmAdjusted, LeavesASingleValueAsItIs) {
  EXPECT_EQ(holm_adjusted(std::vector<double>{0.2}), std::vector<double>{0.2});
  EXPECT_TRUE(holm_adjusted({}).empty());
}

}  // namespace
}  // namespace weir
