#include "ml/inference/placement_guard.hpp"

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr ClassId kClass{0};

// A home of 200 tasks a second. Tasks take `slower` times as long where the network has placed
// them, and the network says that all take e^`correction` times as long as told.
class Home {
 public:
  Home(PlacementGuard& guard, double slower, double correction)
      : guard_(guard), slower_(slower), correction_(correction) {}

  void set(double slower, double correction) {
    slower_ = slower;
    correction_ = correction;
  }
  // How many of the placements until then were the rule's for this reason.
  int run_until(Instant end, GuardReason reason) {
    int count = 0;
    for (; now_ < end; now_ += 5ms) {
      const std::optional<GuardReason> given = guard_.reason_for_rule(now_);
      count += given == reason ? 1 : 0;
      const double ratio = random_.exponential(1);
      guard_.on_completion({.placed = now_, .by_network = !given, .correction = correction_},
                           kClass, from_seconds(0.1 * ratio * (given ? 1 : slower_)), ratio);
    }
    return count;
  }

 private:
  PlacementGuard& guard_;
  double slower_;
  double correction_;
  Random random_{1};
  Instant now_{};
};

TEST(PlacementGuard, LetsTheNetworkDecideButForComparisons) {
  PlacementGuard guard;
  EXPECT_EQ(guard.reason_for_rule(Instant{}), std::nullopt);
  Home home(guard, 0.8, 0);
  EXPECT_NEAR(home.run_until(Instant(160s), GuardReason::kComparison), 200 * (8 + 18), 400);
  EXPECT_EQ(home.run_until(Instant(300s), GuardReason::kWorseEstimates), 0);
}

TEST(PlacementGuard, HandsOverWhereEstimatesAreWorse) {
  PlacementGuard guard;
  Home home(guard, 1, 1);
  EXPECT_GT(home.run_until(Instant(30s), GuardReason::kWorseEstimates), 200 * 28);
}

TEST(PlacementGuard, GoesOnWithoutAGapWhileEstimatesStayWorse) {
  PlacementGuard guard;
  Home home(guard, 1, 1);
  home.run_until(Instant(5s), GuardReason::kWorseEstimates);
  EXPECT_EQ(home.run_until(Instant(1005s), GuardReason::kWorseEstimates), 200 * 1000);
}

TEST(PlacementGuard, LetsTheNetworkBackAtTheEndOfATermOnceItsEstimatesAreRight) {
  PlacementGuard guard;
  Home home(guard, 1, 1);
  home.run_until(Instant(5s), GuardReason::kWorseEstimates);
  home.set(1, 0.01);
  home.run_until(Instant(40s), GuardReason::kWorseEstimates);
  home.run_until(Instant(80s), GuardReason::kWorseEstimates);
  EXPECT_EQ(home.run_until(Instant(200s), GuardReason::kWorseEstimates), 0);
}

TEST(PlacementGuard, HandsOverWhereResponsesAreSlower) {
  PlacementGuard guard;
  Home home(guard, 1.5, 0);
  EXPECT_GT(home.run_until(Instant(60s), GuardReason::kSlowerResponses), 200 * 25);
}

TEST(PlacementGuard, StaysWithTheRuleForTwiceAsLongEveryTime) {
  PlacementGuard guard;
  Home home(guard, 1.5, 0);
  home.run_until(Instant(300s), GuardReason::kSlowerResponses);
  EXPECT_GT(home.run_until(Instant(1500s), GuardReason::kSlowerResponses), 200 * 1200 * 95 / 100);
}

TEST(PlacementGuard, HandsOverWhereTheNetworkThinksForTooLong) {
  PlacementGuard guard;
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(guard.reason_for_rule(Instant{}), std::nullopt);
    guard.on_thought(1ms, Instant{});
  }
  EXPECT_EQ(guard.reason_for_rule(Instant{}), GuardReason::kTooSlow);
  EXPECT_EQ(guard.reason_for_rule(Instant(PlacementGuard::kFirstTerm - 1ns)),
            GuardReason::kTooSlow);
  EXPECT_NE(guard.reason_for_rule(Instant(PlacementGuard::kFirstTerm)), GuardReason::kTooSlow);
}

TEST(PlacementGuard, ForgivesTheNetworkThatItIsInterruptedNowAndThen) {
  PlacementGuard guard;
  for (int i = 0; i < 1000; ++i) {
    guard.on_thought(i % 3 == 0 ? 10ms : Duration(10us), Instant{});
    EXPECT_EQ(guard.reason_for_rule(Instant{}), std::nullopt);
  }
}

}  // namespace
}  // namespace weir
