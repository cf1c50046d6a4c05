#include "ml/inference/estimate_watch.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr int kNever = 200'000;

// Sizes of squared coefficient of variation 4, as those of jobs/scenarios/combined.ini; mean 1.
double variable_size(Random& random) {
  const double share = (1 + std::sqrt(0.6)) / 2;
  return random.uniform() < share ? random.exponential(0.5 / share)
                                  : random.exponential(0.5 / (1 - share));
}

// Tasks until the watch finds harm, where they take `factor` times as long as told and the
// correction says `correction`.
template <typename Size>
int tasks_until_harm(double factor, double correction, Size size, std::uint64_t seed = 1) {
  EstimateWatch watch;
  Random random(seed);
  for (int i = 0; i < kNever; ++i) {
    watch.add(factor * size(random), correction);
    if (watch.harmful()) return i + 1;
  }
  return kNever;
}

double exponential_size(Random& random) { return random.exponential(1); }

TEST(EstimateWatch, FindsCorrectionsThatAreWrongByAFactorOfEWithinDozensOfTasks) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_LT(tasks_until_harm(1, 1, exponential_size, seed), 300);
    EXPECT_LT(tasks_until_harm(1, -1, exponential_size, seed), 300);
    EXPECT_LT(tasks_until_harm(1, 1, variable_size, seed), 900);
    EXPECT_LT(tasks_until_harm(1, -1, variable_size, seed), 900);
  }
}

TEST(EstimateWatch, FindsCorrectionsOfTheWrongSign) {
  EXPECT_LT(tasks_until_harm(1.3, -std::log(1.3), variable_size), 3000);
  EXPECT_LT(tasks_until_harm(1 / 1.3, std::log(1.3), variable_size), 3000);
}

TEST(EstimateWatch, FindsNoHarmInRightCorrections) {
  for (const double factor : {0.4, 0.8, 1.0, 1.2, 2.5}) {
    EXPECT_EQ(tasks_until_harm(factor, std::log(factor), exponential_size), kNever);
    EXPECT_EQ(tasks_until_harm(factor, std::log(factor), variable_size), kNever);
  }
}

TEST(EstimateWatch, FindsNoHarmInCorrectionsThatAreRightByHalf) {
  EXPECT_EQ(tasks_until_harm(1.5, 0.5 * std::log(1.5), variable_size), kNever);
}

TEST(EstimateWatch, FindsNoHarmInSmallErrors) {
  EXPECT_EQ(tasks_until_harm(1, 0.03, variable_size), kNever);
}

TEST(EstimateWatch, CallsCorrectionsHarmlessAgainOnceTheyHaveWonBackWhatTheyLost) {
  EstimateWatch watch;
  Random random(3);
  while (!watch.harmful()) watch.add(exponential_size(random), 1);
  EXPECT_FALSE(watch.harmless());
  int tasks = 0;
  for (; !watch.harmless() && tasks < 10'000; ++tasks) {
    watch.add(std::exp(1.0) * exponential_size(random), 1);
  }
  EXPECT_LT(tasks, 1000);
  EXPECT_FALSE(watch.harmful());
}

}  // namespace
}  // namespace weir
