#include "runtime/control/capacity_split.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using Parts = std::vector<double>;

TEST(CapacitySplit, GivesEveryPartTheSameShareOfWhatItHas) {
  EXPECT_EQ(split_evenly(15, Parts{20, 10, 0}), (Parts{10, 5, 0}));
  EXPECT_EQ(split_evenly(90, Parts{20, 10}), (Parts{20, 10})) << "no more than there is";
  EXPECT_EQ(split_evenly(5, Parts{0, 0}), (Parts{0, 0}));
}

TEST(CapacitySplit, SwitchesOnTheFirstNodesAsFewAsLackATwentieth) {
  EXPECT_EQ(split_over_nodes(16, Parts{8, 8, 8, 8}), (Parts{8, 8, 0, 0}));
  EXPECT_EQ(split_over_nodes(16.8, Parts{8, 8, 8, 8}), (Parts{8, 8, 0, 0}));
  EXPECT_EQ(split_over_nodes(17, Parts{8, 8, 8, 8}), (Parts{8, 8, 8, 0}));
  EXPECT_EQ(split_over_nodes(99, Parts{8, 8, 8, 8}), (Parts{8, 8, 8, 8}));
}

TEST(CapacitySplit, LeavesOneNodeOnWhateverIsWanted) {
  EXPECT_EQ(split_over_nodes(0, Parts{8, 8}), (Parts{8, 0}));
}

TEST(CapacitySplit, PassesOverNodesThatHaveNothing) {
  EXPECT_EQ(split_over_nodes(16, Parts{0, 8, 0, 8, 8}), (Parts{0, 8, 0, 8, 0}));
  EXPECT_EQ(split_over_nodes(0, Parts{0, 8, 8}), (Parts{0, 8, 0}));
}

}  // namespace
}  // namespace weir
