#include "runtime/control/contention_estimator.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr std::uint32_t kCores = 32;

// Sizes of squared coefficient of variation 4, as two exponentials give them.
double size_of_task(Random& random) {
  const double share = 0.8873;
  return random.exponential(random.uniform() < share ? 1 / (2 * share) : 1 / (2 * (1 - share)));
}

// A class of which up to `most` run at once, never more than the limit says, and that slows down by
// `slow_down`(n).
template <typename SlowDown>
void run(ContentionEstimator& estimator, int tasks, std::uint32_t most, SlowDown slow_down,
         std::uint64_t seed = 1) {
  Random random(seed);
  for (int i = 0; i < tasks; ++i) {
    const std::uint32_t limit = estimator.limit() == 0 ? most : std::min(most, estimator.limit());
    const auto running = 1 + static_cast<std::uint32_t>(random.below(limit));
    estimator.add(running, std::log(size_of_task(random) * slow_down(running)));
    if (i % 40 == 39) estimator.close_block(0);
  }
}

double harmless(std::uint32_t) { return 1; }

// From the knee at 11 on.
double twice_as_steep(std::uint32_t running) { return 1 + 2 * std::max(0.0, running - 11.0) / 11; }
double steep(std::uint32_t running) { return 1 + std::max(0.0, running - 11.0) / 11; }
double gentle(std::uint32_t running) { return std::pow(std::max(1.0, running / 11.0), 0.2); }

TEST(ContentionEstimator, FindsTheKneeFromAbove) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    for (const auto slow_down : {steep, twice_as_steep}) {
      ContentionEstimator estimator(kCores);
      run(estimator, 20'000, kCores, slow_down, seed);
      EXPECT_GE(estimator.limit(), 10U) << "seed " << seed;
      EXPECT_LE(estimator.limit(), 18U) << "seed " << seed;
    }
  }
}

TEST(ContentionEstimator, SetsNoLimitWhereTasksDoNotHarmEachOther) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ContentionEstimator estimator(kCores);
    for (int part = 0; part < 20; ++part) {
      run(estimator, 1000, kCores, harmless, seed * 100 + static_cast<std::uint64_t>(part));
      EXPECT_EQ(estimator.limit(), 0U) << "seed " << seed;
    }
  }
}

TEST(ContentionEstimator, SetsNoLimitWhereOneMoreStillBringsMostOfItsWork) {
  ContentionEstimator estimator(kCores);
  run(estimator, 100'000, kCores, gentle);
  EXPECT_EQ(estimator.limit(), 0U);
}

// A slow node has more tasks at work; others show that it is the node.
TEST(ContentionEstimator, DoesNotTakeASlowNodeForContention) {
  ContentionEstimator estimator(kCores);
  Random random(3);
  for (int block = 0; block < 1000; ++block) {
    const bool slow = block % 4 == 0;
    for (int i = 0; i < 40; ++i) {
      const auto running = static_cast<std::uint32_t>((slow ? 17 : 1) + random.below(16));
      estimator.add(running, std::log(size_of_task(random) * (slow ? 2 : 1)));
    }
    estimator.close_block(slow ? std::log(2.0) : 0);
    ASSERT_EQ(estimator.limit(), 0U) << "block " << block;
  }
}

TEST(ContentionEstimator, LiftsALimitWhenWhatItKnowsIsOld) {
  ContentionEstimator estimator(kCores);
  run(estimator, 5'000, kCores, twice_as_steep);
  ASSERT_GT(estimator.limit(), 0U);
  int tasks = 0;
  for (; estimator.limit() > 0 && tasks < 400'000; tasks += 1000) {
    run(estimator, 1000, kCores, harmless, static_cast<std::uint64_t>(tasks) + 7);
  }
  EXPECT_EQ(estimator.limit(), 0U) << "the harm has gone";
}

TEST(ContentionEstimator, BearsNodesOfOneCoreAndOfMany) {
  ContentionEstimator one(1);
  run(one, 5'000, 1, harmless);
  EXPECT_EQ(one.limit(), 0U);
  ContentionEstimator many(1000);
  run(many, 20'000, 1000, [](std::uint32_t n) { return 1 + std::max(0.0, n - 350.0) / 350; });
  EXPECT_GE(many.limit(), 320U);
  EXPECT_LE(many.limit(), 560U);
}

}  // namespace
}  // namespace weir
