#include "runtime/control/suspicion.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

// A home that has business at the nodes named, and runs every 100 ms.
class Home {
 public:
  void run_until(Duration end) {
    for (; now_ < end; now_ += 100ms) {
      suspicion_.on_event(Instant(now_));
      for (const int node : alive_) sign(node);
      if (!suspicion_.is_due(Instant(now_))) continue;
      const std::vector<RankId> business(business_.begin(), business_.end());
      const auto& found = suspicion_.look(business, Instant(now_));
      for (const RankId node : found.ask) asked_.insert(node.value());
      for (const RankId node : found.silent) suspicion_.suspect(node, Instant(now_));
    }
  }
  void stop_until(Duration end) { now_ = end; }
  bool sign(int node) { return suspicion_.on_sign(RankId(node), Instant(now_), Instant(now_)); }
  bool sign_made(int node, Duration made) {
    return suspicion_.on_sign(RankId(node), Instant(made), Instant(now_));
  }
  bool suspects(int node) const { return suspicion_.suspects(RankId(node)); }

  Suspicion suspicion_{{.after = 2s}};
  Duration now_{0};
  std::set<int> business_{1, 2};
  std::set<int> alive_{1, 2, 3};
  std::set<int> asked_;
};

TEST(Suspicion, AsksANodeThatIsSilentAndThenSuspectsIt) {
  Home home;
  home.run_until(5s);
  EXPECT_TRUE(home.asked_.empty());
  home.alive_ = {2, 3};
  home.run_until(5900ms);
  EXPECT_TRUE(home.asked_.empty());
  home.run_until(6500ms);
  EXPECT_EQ(home.asked_, (std::set{1}));
  EXPECT_FALSE(home.suspects(1));
  home.run_until(7700ms);
  EXPECT_TRUE(home.suspects(1));
  EXPECT_FALSE(home.suspects(2));
}

TEST(Suspicion, LeavesNodesAloneWhereTheHomeHasNoBusiness) {
  Home home;
  home.alive_ = {1, 2};
  home.run_until(20s);
  EXPECT_TRUE(home.asked_.empty());
  EXPECT_FALSE(home.suspects(3));
  // It has not been heard of for long, but is asked first.
  home.business_.insert(3);
  home.run_until(20600ms);
  EXPECT_FALSE(home.suspects(3));
  EXPECT_EQ(home.asked_, (std::set{3}));
}

TEST(Suspicion, TrustsWhoGivesASignOfLife) {
  Home home;
  home.alive_ = {2};
  home.run_until(5s);
  ASSERT_TRUE(home.suspects(1));
  EXPECT_FALSE(home.sign_made(1, 1s)) << "a report that was long on its way";
  EXPECT_TRUE(home.suspects(1));
  EXPECT_TRUE(home.sign(1));
  EXPECT_FALSE(home.suspects(1));
  EXPECT_FALSE(home.sign(1)) << "it was trusted already";
  EXPECT_EQ(home.suspicion_.suspect_count(), 0U);
}

TEST(Suspicion, DoesNotCountTimeInWhichThisRankDidNotRun) {
  Home home;
  home.run_until(5s);
  home.stop_until(60s);
  home.alive_.clear();
  home.run_until(60400ms);
  EXPECT_FALSE(home.suspects(1));
  home.alive_ = {2};
  home.run_until(63s);
  EXPECT_TRUE(home.suspects(1));
  EXPECT_FALSE(home.suspects(2));
}

TEST(Suspicion, CountsSilenceFromAMessageThatCameRightAfterAStop) {
  Home home;
  home.run_until(5s);
  home.stop_until(60s);
  home.run_until(60100ms);
  home.alive_ = {2};
  home.run_until(63s);
  EXPECT_TRUE(home.suspects(1));
}

// Every answer takes 3 s, which is silence enough at first.
TEST(Suspicion, IsPatientWhereAnswersTakeLong) {
  Home home;
  home.alive_ = {2};
  int suspected = 0;
  for (int round = 0; round < 8; ++round) {
    const Duration asked = home.now_ + 1s;
    home.run_until(asked + 3s);
    if (home.suspects(1)) suspected = round + 1;
    home.sign(1);
  }
  EXPECT_GE(suspected, 1);
  EXPECT_LE(suspected, 4) << "it never learns";
  EXPECT_LE(home.suspicion_.patience(), 8s);
  // A quick minute, and it is as quick again.
  home.alive_ = {1, 2};
  home.run_until(home.now_ + 180s);
  EXPECT_EQ(home.suspicion_.patience(), 1s);
}

TEST(Suspicion, IsOffWhereTheBoundIsZero) {
  EXPECT_FALSE(Suspicion({.after = 0s}).is_on());
  EXPECT_FALSE(Suspicion({.after = 0s}).is_due(Instant(1h)));
}

}  // namespace
}  // namespace weir
