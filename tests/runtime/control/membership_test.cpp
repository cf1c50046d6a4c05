#include "runtime/control/membership.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

std::vector<RankId> ranks(std::initializer_list<int> numbers) {
  std::vector<RankId> all;
  for (const int number : numbers) all.emplace_back(number);
  return all;
}

TEST(Membership, KnowsNobodyToBeOutAtFirst) {
  const Membership members(RankId(2), 4, 4);
  EXPECT_EQ(members.tag(), 0U);
  EXPECT_EQ(members.living_count(), 4);
  EXPECT_EQ(members.root(), RankId(0));
  EXPECT_EQ(members.keeper_of(RankId(3)), RankId(3));
  EXPECT_EQ(members.substitute(), kNoRank);
}

TEST(Membership, TellsWhatIsNews) {
  Membership members(RankId(0), 4, 4);
  EXPECT_EQ(members.add(ranks({1, 3})), ranks({1, 3}));
  EXPECT_EQ(members.add(ranks({1, 2})), ranks({2}));
  EXPECT_TRUE(members.add(ranks({1, 2, 3})).empty());
}

TEST(Membership, PassesOverRanksThatDoNotExist) {
  Membership members(RankId(0), 4, 4);
  EXPECT_TRUE(members.add(ranks({-1, 4, 1000})).empty());
  EXPECT_EQ(members.tag(), 0U);
}

TEST(Membership, HasOneTagForOneSetHoweverItCame) {
  Membership one(RankId(0), 8, 8);
  Membership other(RankId(1), 8, 8);
  one.add(ranks({5}));
  one.add(ranks({2}));
  other.add(ranks({2, 5}));
  EXPECT_EQ(one.tag(), other.tag());
  other.add(ranks({3}));
  EXPECT_NE(one.tag(), other.tag());
}

TEST(Membership, HasOtherTagsForOtherSetsOfOneSize) {
  Membership one(RankId(0), 8, 8);
  Membership other(RankId(1), 8, 8);
  one.add(ranks({5}));
  other.add(ranks({2}));
  EXPECT_NE(one.tag(), other.tag());
}

TEST(Membership, GivesAHomeToTheNextLivingOne) {
  Membership members(RankId(0), 6, 4);
  members.add(ranks({3}));
  EXPECT_EQ(members.keeper_of(RankId(3)), RankId(0));
  members.add(ranks({0}));
  EXPECT_EQ(members.keeper_of(RankId(3)), RankId(1));
  EXPECT_EQ(members.keeper_of(RankId(0)), RankId(1));
  EXPECT_EQ(members.root(), RankId(1));
}

TEST(Membership, GivesAllToTheLowestOfTheOthersWhereNoHomeLives) {
  Membership members(RankId(2), 5, 2);
  members.add(ranks({0, 1}));
  EXPECT_EQ(members.keeper_of(RankId(0)), RankId(2));
  EXPECT_EQ(members.keeper_of(RankId(1)), RankId(2));
  EXPECT_EQ(members.substitute(), RankId(2));
  members.add(ranks({2}));
  EXPECT_EQ(members.substitute(), RankId(3));
}

// Whoever it gives its copy to is who keeps its home when it dies.
TEST(Membership, NamesTheHeirThatWillKeepTheHome) {
  for (int count = 2; count <= 5; ++count) {
    for (int homes = 1; homes <= count; ++homes) {
      for (int dead = 0; dead < count; ++dead) {
        for (int own = 0; own < count; ++own) {
          Membership members(RankId(own), count, homes);
          if (dead != own) members.add(ranks({dead}));
          const bool keeps_one = own < homes || members.substitute() == RankId(own);
          if (!keeps_one) continue;
          const RankId heir = members.heir();
          EXPECT_EQ(heir == kNoRank, members.living_count() == 1);
          if (heir == kNoRank) continue;
          members.add(ranks({own}));
          const RankId home = own < homes ? RankId(own) : RankId(0);
          EXPECT_EQ(members.keeper_of(home), heir);
        }
      }
    }
  }
}

TEST(Membership, HasNoHeirWhereItIsAlone) {
  Membership members(RankId(1), 2, 2);
  members.add(ranks({0}));
  EXPECT_EQ(members.heir(), kNoRank);
  EXPECT_EQ(members.root(), RankId(1));
}

TEST(Membership, SaysThatItHasLostTheOthersWhereMostAreOut) {
  Membership members(RankId(0), 5, 5);
  members.add(ranks({1, 2}));
  EXPECT_TRUE(members.has_half());
  members.add(ranks({3}));
  EXPECT_FALSE(members.has_half());
}

TEST(Membership, KeepsBothSidesOfAPairWhereOneIsOut) {
  Membership members(RankId(1), 2, 2);
  members.add(ranks({0}));
  EXPECT_TRUE(members.has_half());
}

}  // namespace
}  // namespace weir
