#include "tools/learning/control/sticky_explorer.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr std::size_t kActions = 5;

TEST(StickyExplorer, ChangesNothingWithoutEpsilon) {
  StickyExplorer explorer(0, Random(1));
  const std::vector<std::uint8_t> feasible(2 * kActions, 1);
  Actions actions{2, 3};
  for (int i = 0; i < 100; ++i) explorer.change(actions, {}, feasible, kActions);
  EXPECT_EQ(actions, (Actions{2, 3}));
}

TEST(StickyExplorer, TriesOnlyFeasibleActionsAmongTheThreeThatAreWorthMost) {
  StickyExplorer explorer(0.5, Random(2));
  const std::vector<float> values{5, 4, 3, 2, 1};
  const std::vector<std::uint8_t> feasible{1, 0, 1, 1, 1};
  std::vector<int> times(kActions);
  for (int i = 0; i < 10'000; ++i) {
    Actions actions{4};
    explorer.change(actions, values, feasible, kActions);
    ++times[actions[0]];
  }
  EXPECT_EQ(times[1], 0);
  for (const std::size_t action : {0, 2, 3}) EXPECT_GT(times[action], 500) << action;
  EXPECT_GT(times[4], 5'000) << "half of the steps are its own";
}

TEST(StickyExplorer, KeepsAnActionForAWhile) {
  StickyExplorer explorer(0.3, Random(3));
  const std::vector<std::uint8_t> feasible(3, 1);
  int changes = 0;
  std::uint8_t before = 1;
  for (int i = 0; i < 10'000; ++i) {
    Actions actions{1};
    explorer.change(actions, {}, feasible, 3);
    changes += actions[0] == before ? 0 : 1;
    before = actions[0];
  }
  EXPECT_GT(changes, 100);
  EXPECT_LT(changes, 10'000 / StickyExplorer::kKept);
}

TEST(StickyExplorer, DoesTheSameWithTheSameRandomNumbers) {
  StickyExplorer one(0.5, Random(4));
  StickyExplorer other(0.5, Random(4));
  const std::vector<std::uint8_t> feasible(30, 1);
  for (int i = 0; i < 100; ++i) {
    Actions first(10, 1);
    Actions second(10, 1);
    one.change(first, {}, feasible, 3);
    other.change(second, {}, feasible, 3);
    EXPECT_EQ(first, second);
  }
}

}  // namespace
}  // namespace weir
