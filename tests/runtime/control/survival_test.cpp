#include "runtime/control/survival.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Of a home whose copies are one byte that tells them apart.
class OneByteCopies final : public HomeCopies {
 public:
  Bytes copy() override { return {std::byte{7}}; }
  void adopt(const Bytes& copy) override { adopted.push_back(copy.front()); }
  void begin_anew(RankId home) override { begun_anew.push_back(home); }

  std::vector<std::byte> adopted;
  std::vector<RankId> begun_anew;
};

HomeCopy copy_of(std::vector<RankId> homes, int byte) {
  return {std::move(homes), {static_cast<std::byte>(byte)}};
}

std::vector<RankId> one(int rank) { return {RankId(rank)}; }

class SurvivalTest : public testing::Test {
 protected:
  OneByteCopies copies;
};

TEST_F(SurvivalTest, CopiesItsHomeAtOnceAndThenEveryInterval) {
  Survival survival(RankId(1), 4, 4, {.copy_interval = 100ms});
  EXPECT_LE(survival.next_copy(), Instant(0s));
  const HomeCopy copy = survival.copy(copies, Instant(3s));
  EXPECT_EQ(copy.homes, one(1));
  EXPECT_EQ(copy.bytes.front(), std::byte{7});
  EXPECT_EQ(survival.next_copy(), Instant(3100ms));
}

TEST_F(SurvivalTest, HasNothingToCopyWhereItIsNoHome) {
  const Survival survival(RankId(3), 4, 2, {});
  EXPECT_EQ(survival.next_copy(), kNever);
}

TEST_F(SurvivalTest, CopiesAtOnceForANewHeir) {
  Survival survival(RankId(1), 4, 4, {});
  survival.copy(copies, Instant(3s));
  survival.exclude(one(2));
  EXPECT_LE(survival.next_copy(), Instant(3s));
}

TEST_F(SurvivalTest, TakesOverFromTheCopyThatItKept) {
  Survival survival(RankId(1), 4, 4, {});
  survival.keep(RankId(0), copy_of(one(0), 3));
  survival.keep(RankId(0), copy_of(one(0), 4));
  survival.exclude(one(0));
  survival.take_over(copies);
  EXPECT_EQ(copies.adopted, (std::vector{std::byte{4}}));
  EXPECT_TRUE(survival.restarted_homes().empty());
  EXPECT_EQ(survival.copy(copies, Instant(1s)).homes, (std::vector{RankId(0), RankId(1)}));
}

TEST_F(SurvivalTest, TakesOverOnce) {
  Survival survival(RankId(1), 4, 4, {});
  survival.keep(RankId(0), copy_of(one(0), 3));
  survival.exclude(one(0));
  survival.take_over(copies);
  survival.exclude(one(3));
  survival.take_over(copies);
  EXPECT_EQ(copies.adopted.size(), 1U);
}

TEST_F(SurvivalTest, LeavesHomesThatAreNotItsOwnToOthers) {
  Survival survival(RankId(1), 4, 4, {});
  survival.exclude(one(2));
  survival.take_over(copies);
  EXPECT_TRUE(copies.adopted.empty());
  EXPECT_TRUE(survival.restarted_homes().empty());
}

TEST_F(SurvivalTest, BeginsAHomeAnewThatDiedWithItsHeirAndSaysSo) {
  Survival survival(RankId(2), 4, 4, {});
  survival.keep(RankId(1), copy_of(one(1), 3));
  // The copy of home 0 was at rank 1.
  survival.exclude(one(0));
  survival.take_over(copies);
  EXPECT_TRUE(survival.restarted_homes().empty());
  survival.exclude(one(1));
  survival.take_over(copies);
  EXPECT_EQ(copies.begun_anew, one(0));
  EXPECT_EQ(survival.restarted_homes(), (std::set{RankId(0)}));
  EXPECT_EQ(survival.copy(copies, Instant(1s)).homes,
            (std::vector{RankId(0), RankId(1), RankId(2)}));
  survival.take_over(copies);
  EXPECT_EQ(copies.begun_anew.size(), 1U);
}

TEST_F(SurvivalTest, BeginsNothingAnewWhereTheHeirHadTakenOverBefore) {
  Survival survival(RankId(2), 4, 4, {});
  survival.keep(RankId(1), copy_of({RankId(0), RankId(1)}, 3));
  survival.exclude(one(0));
  survival.take_over(copies);
  survival.exclude(one(1));
  survival.take_over(copies);
  EXPECT_EQ(copies.adopted.size(), 1U);
  EXPECT_TRUE(copies.begun_anew.empty());
}

TEST_F(SurvivalTest, EndsWhenAllThatLiveHaveHadTheirWord) {
  Survival survival(RankId(0), 3, 3, {});
  survival.exclude(one(1));
  EXPECT_FALSE(survival.take_word(RankId(0), {}));
  EXPECT_TRUE(survival.take_word(RankId(2), {}));
}

TEST_F(SurvivalTest, ForgetsWordsOfARunThatGoesOn) {
  Survival survival(RankId(0), 3, 3, {});
  survival.take_word(RankId(0), {});
  survival.take_word(RankId(1), {});
  survival.exclude(one(1));
  EXPECT_FALSE(survival.take_word(RankId(2), {}));
  EXPECT_TRUE(survival.take_word(RankId(0), {}));
}

TEST_F(SurvivalTest, IsFencedWhereItIsOutItselfOrMostOthersAre) {
  Survival survival(RankId(0), 5, 5, {});
  survival.exclude(std::vector{RankId(1), RankId(2)});
  EXPECT_FALSE(survival.is_fenced());
  survival.exclude(one(3));
  EXPECT_TRUE(survival.is_fenced());
  Survival other(RankId(0), 5, 5, {});
  other.exclude(one(0));
  EXPECT_TRUE(other.is_fenced());
}

TEST_F(SurvivalTest, TellsWhoIsOutNotMoreOftenThanNeeded) {
  Survival survival(RankId(0), 3, 3, {});
  EXPECT_TRUE(survival.may_tell(RankId(1), Instant(1s)));
  EXPECT_FALSE(survival.may_tell(RankId(1), Instant(1001ms)));
  EXPECT_TRUE(survival.may_tell(RankId(2), Instant(1001ms)));
  EXPECT_TRUE(survival.may_tell(RankId(1), Instant(2s)));
}

}  // namespace
}  // namespace weir
