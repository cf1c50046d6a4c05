#include "ml/inference/action_branches.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace weir {
namespace {

TEST(ActionBranches, EachBranchTakesItsHighestValueAndTheFirstOfEquals) {
  const std::array values{1.0F, 3.0F, /**/ 5.0F, 5.0F, 4.0F, /**/ -1.0F};
  EXPECT_EQ(greedy_actions({2, 3, 1}, values, {}), (Actions{1, 0, 0}));
}

TEST(ActionBranches, NeverTakeWhatIsNotFeasible) {
  const std::array values{1.0F, 3.0F, /**/ 5.0F, 5.0F, 4.0F};
  const std::array<std::uint8_t, 5> feasible{1, 0, /**/ 0, 0, 1};
  EXPECT_EQ(greedy_actions({2, 3}, values, feasible), (Actions{0, 2}));
}

TEST(ActionBranches, TakeAFeasibleActionWhereNoValueIsANumber) {
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  const std::array<std::uint8_t, 3> feasible{0, 1, 1};
  EXPECT_EQ(greedy_actions({3}, std::array{kNone, kNone, kNone}, feasible), (Actions{1}));
}

TEST(ActionBranches, TakeANumberBeforeWhatIsNoneWhereverThatStands) {
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(greedy_actions({2}, std::array{kNone, 1.0F}, {}), (Actions{1}));
  EXPECT_EQ(greedy_actions({2}, std::array{1.0F, kNone}, {}), (Actions{0}));
  EXPECT_EQ(greedy_actions({3}, std::array{kNone, -2.0F, -1.0F}, {}), (Actions{2}));
}

TEST(ActionBranchesDeathTest, RefuseABranchWithoutAFeasibleAction) {
  const std::array<std::uint8_t, 2> feasible{0, 0};
  EXPECT_DEATH(greedy_actions({2}, std::array{1.0F, 2.0F}, feasible), "without a feasible action");
}

}  // namespace
}  // namespace weir
