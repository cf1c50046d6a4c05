#include "topology/cpuset.hpp"

#include <gtest/gtest.h>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

TEST(Cpuset, ReadsAndWritesTheListSyntax) {
  const Cpuset set = Cpuset::parse(" 0-3,8,130\n");
  EXPECT_EQ(set, (Cpuset{0, 1, 2, 3, 8, 130}));
  EXPECT_EQ(set.to_string(), "0-3,8,130");
  EXPECT_EQ(set.count(), 6);
  EXPECT_EQ(Cpuset::parse("3,1-2,2").to_string(), "1-3");
}

TEST(Cpuset, IsEmptyForAnEmptyText) {
  EXPECT_TRUE(Cpuset::parse(" \n").empty());
  EXPECT_EQ(Cpuset().to_string(), "");
  EXPECT_EQ(Cpuset().first(), -1);
}

TEST(Cpuset, RefusesWhatIsNoList) {
  for (const char* text :
       {"a", "1,", ",1", "3-1", "-1", "1-", "1--2", "65536", "0-99999999999", "1 2", "0x3"}) {
    EXPECT_THROW(Cpuset::parse(text), Error) << text;
  }
}

TEST(Cpuset, EqualSetsAreEqualHoweverTheyWereMade) {
  EXPECT_EQ((Cpuset{1, 200} - Cpuset{200}), Cpuset{1});
  EXPECT_EQ((Cpuset{1, 200} & Cpuset{1, 100}), Cpuset{1});
  EXPECT_TRUE((Cpuset{200} - Cpuset{200}).empty());
}

TEST(Cpuset, KnowsUnionIntersectionAndInclusion) {
  const Cpuset low = Cpuset::range(0, 70);
  const Cpuset high = Cpuset::range(60, 140);
  EXPECT_EQ(low | high, Cpuset::range(0, 140));
  EXPECT_EQ(low & high, Cpuset::range(60, 70));
  EXPECT_EQ(high - low, Cpuset::range(71, 140));
  EXPECT_TRUE(low.includes(Cpuset{0, 70}));
  EXPECT_FALSE(low.includes(Cpuset{0, 71}));
  EXPECT_TRUE(low.includes(Cpuset()));
  EXPECT_TRUE(low.intersects(high));
  EXPECT_FALSE((Cpuset{1}).intersects(Cpuset{65}));
  EXPECT_FALSE(low.contains(-1));
}

}  // namespace
}  // namespace weir
