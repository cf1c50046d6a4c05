#include "runtime/control/speed_regime.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Two exponentials with balanced means.
double size_of_task(Random& random, double variation) {
  const double share = (1 + std::sqrt((variation - 1) / (variation + 1))) / 2;
  return random.exponential(random.uniform() < share ? 1 / (2 * share) : 1 / (2 * (1 - share)));
}

// Ends 200 tasks per second that take `slower` times longer, in steps of 20 ms.
void run(SpeedRegime& regime, Duration time, double slower, double variation, Random& random) {
  const SizeModel sizes(variation);
  for (Duration passed{0}; passed < time; passed += 20ms) {
    for (int i = 0; i < 4; ++i) {
      regime.on_ended(0, slower * size_of_task(random, variation), sizes);
    }
    regime.begin_look(20ms);
    regime.end_look();
  }
}

TEST(SizeModel, GivesLikelihoodRatios) {
  for (const double variation : {1.0, 2.0, 3.0}) {
    const SizeModel sizes(variation);
    Random random(5);
    double sum = 0;
    constexpr int kCount = 400'000;
    for (int i = 0; i < kCount; ++i) {
      sum += std::exp(sizes.evidence_of_end(size_of_task(random, variation), 0.7));
    }
    EXPECT_NEAR(sum / kCount, 1, 0.01) << "the mean of a likelihood ratio under what it is against";
  }
}

TEST(SizeModel, TakesALongAgeForASignOfSlownessAndNeverForProof) {
  for (const double variation : {0.0, 1.0, 3.0, 50.0}) {
    const SizeModel sizes(variation);
    EXPECT_EQ(sizes.evidence_of_age(0, 2), 0);
    EXPECT_GT(sizes.evidence_of_age(3, 2), sizes.evidence_of_age(1, 2));
    EXPECT_TRUE(std::isfinite(sizes.evidence_of_age(1e9, 2)));
    EXPECT_TRUE(std::isfinite(sizes.evidence_of_end(1e9, 2)));
    EXPECT_TRUE(std::isfinite(sizes.evidence_of_end(1e-9, 2)));
  }
  EXPECT_LT(SizeModel(3).evidence_of_age(4, 2), SizeModel(1).evidence_of_age(4, 2));
}

TEST(SpeedRegime, SeesANodeSlowDownWithinASecondAndRecover) {
  for (const double variation : {1.0, 4.0}) {
    Random random(11);
    SpeedRegime regime;
    int late = 0;
    for (int i = 0; i < 50; ++i) {
      run(regime, 20s, 1, variation, random);
      run(regime, 1s, 2, variation, random);
      late += regime.probability() < 0.5 ? 1 : 0;
      run(regime, 6s, 2, variation, random);
      run(regime, 1500ms, 1, variation, random);
      late += regime.probability() > 0.5 ? 1 : 0;
    }
    EXPECT_LE(late, variation == 1 ? 0 : 10) << "of 100 changes";
  }
}

TEST(SpeedRegime, SeldomTakesChanceForASlowState) {
  for (const double variation : {1.0, 4.0}) {
    Random random(13);
    SpeedRegime regime;
    int slow = 0;
    constexpr int kParts = 5000;
    for (int i = 0; i < kParts; ++i) {
      run(regime, 100ms, 1, variation, random);
      slow += regime.probability() > 0.5 ? 1 : 0;
    }
    EXPECT_LT(slow, kParts / 100);
  }
}

TEST(SpeedRegime, MeasuresHowSlowTheSlowStateIs) {
  for (const double slower : {1.6, 2.0, 4.0}) {
    Random random(17);
    SpeedRegime regime;
    for (int i = 0; i < 10; ++i) {
      run(regime, 10s, 1, 1, random);
      EXPECT_LT(regime.slowness(), 1.1);
      run(regime, 10s, slower, 1, random);
    }
    EXPECT_NEAR(regime.slowness(), slower, 0.15 * slower);
  }
}

TEST(SpeedRegime, NoticesThatNothingEndsAnyMore) {
  Random random(19);
  SpeedRegime regime;
  run(regime, 10s, 1, 1, random);
  const SizeModel sizes(1);
  for (int step = 1; step <= 25; ++step) {  // Ten tasks get older: half a second, five mean sizes.
    regime.begin_look(20ms);
    for (int task = 0; task < 10; ++task) regime.on_running(0.2 * step, sizes);
    regime.end_look();
  }
  EXPECT_GT(regime.probability(), 0.9);
}

TEST(SpeedRegime, CountsWhatEndedOnce) {
  SpeedRegime at_once, watched;
  const SizeModel sizes(2);
  watched.begin_look(0s);
  watched.on_running(1.5, sizes);
  watched.end_look();
  for (SpeedRegime* regime : {&at_once, &watched}) {
    regime->on_ended(0, 3, sizes);
    regime->begin_look(0s);
    regime->end_look();
  }
  EXPECT_NEAR(at_once.probability(), watched.probability(), 1e-12);
}

TEST(SpeedRegime, TriesASlowNodeAgainAfterAWhileWithoutTasks) {
  Random random(23);
  SpeedRegime regime;
  run(regime, 5s, 2, 1, random);
  ASSERT_GT(regime.probability(), 0.9);
  for (int i = 0; i < 30; ++i) {
    regime.begin_look(1s);
    regime.end_look();
  }
  EXPECT_LT(regime.probability(), 0.25);
  EXPECT_LT(regime.slowness(), 1.3);
}

TEST(SpeedRegime, CorrectsAMeanThatWasLearnedOnASlowNode) {
  Random random(29);
  SpeedRegime regime;
  const SizeModel sizes(4);
  double mean = 2;
  for (int i = 0; i < 2000; ++i) mean *= regime.on_ended(3, size_of_task(random, 4) / mean, sizes);
  EXPECT_NEAR(mean, 1, 0.25);
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_EQ(regime.on_ended(4, size_of_task(random, 4), sizes), 1) << "a mean that is right";
    if (i % 4 == 0) {
      regime.begin_look(20ms);
      regime.end_look();
    }
  }
}

}  // namespace
}  // namespace weir
