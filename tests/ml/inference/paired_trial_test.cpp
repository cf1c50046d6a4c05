#include "ml/inference/paired_trial.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr double kError = 0.05;

enum class Found { kNothing, kBetter, kWorse };

// Two minutes of 50 tasks a second. The challenger loses `advantage` less on average; what it loses
// on a task goes with the size of the task, and with a state that lasts for about `state_s`.
Found outcome_of(double advantage, double state_s, std::uint64_t seed) {
  PairedTrial trial(kError);
  Random random(seed);
  double state = 0;
  double state_ends_s = 0;
  for (int i = 0; i < 120 * 50; ++i) {
    const double now_s = i / 50.0;
    if (state_s > 0 && now_s >= state_ends_s) {
      state = random.uniform() < 0.5 ? -0.02 : 0.02;
      state_ends_s = now_s + random.exponential(state_s);
    }
    const double size = random.exponential(1) - 1;
    trial.add(1 + size, 1 + size * 0.9 - state - advantage, Instant(from_seconds(now_s)));
    if (trial.challenger_is_better()) return Found::kBetter;
    if (trial.challenger_is_worse()) return Found::kWorse;
  }
  return Found::kNothing;
}

TEST(PairedTrial, FindsOutWhichOneLosesLess) {
  int better = 0;
  int worse = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    better += outcome_of(0.02, 1, seed) == Found::kBetter ? 1 : 0;
    worse += outcome_of(-0.02, 1, seed) == Found::kWorse ? 1 : 0;
  }
  EXPECT_GE(better, 95);
  EXPECT_GE(worse, 95);
}

// Looked at after every task, over 2000 trials: 100 would be the chance that was asked for, and 128
// is three standard errors more.
TEST(PairedTrial, RarelyFindsADifferenceWhereThereIsNone) {
  for (const double state_s : {0.0, 0.5, 1.0}) {
    int better = 0;
    int worse = 0;
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
      const Found found = outcome_of(0, state_s, seed);
      better += found == Found::kBetter ? 1 : 0;
      worse += found == Found::kWorse ? 1 : 0;
    }
    EXPECT_LT(better, 128) << state_s;
    EXPECT_LT(worse, 128) << state_s;
  }
}

TEST(PairedTrial, SaysNothingBeforeItHasSeenSomeBlocks) {
  PairedTrial trial(kError);
  for (int i = 0; i < PairedTrial::kFewestInBlock * 100; ++i) trial.add(2, 1, Instant{});
  EXPECT_FALSE(trial.challenger_is_better()) << "all of it at one instant";
  EXPECT_EQ(trial.loss_in_use(), 2);
  EXPECT_EQ(trial.loss_of_challenger(), 1);
}

TEST(PairedTrial, TakesAChallengerWhoseLossIsNoNumberForWorse) {
  PairedTrial trial(kError);
  trial.add(1, std::numeric_limits<double>::quiet_NaN(), Instant{});
  EXPECT_TRUE(trial.challenger_is_worse());
  EXPECT_FALSE(trial.challenger_is_better());
}

TEST(PairedTrial, DoesNotCountTasksOfWhichTheOneInUseSaysNothing) {
  PairedTrial trial(kError);
  trial.add(std::numeric_limits<double>::quiet_NaN(), 1, Instant{});
  EXPECT_FALSE(trial.challenger_is_worse());
  EXPECT_EQ(trial.task_count(), 0U);
}

}  // namespace
}  // namespace weir
