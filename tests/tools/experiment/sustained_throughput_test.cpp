#include "tools/experiment/sustained_throughput.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

// 16 cores and tasks of 10 ms: at most 1,600 a second.
Settings small_scenario() {
  return {{"emulate", "nodes=4x1*4;work_ms=10"},
          {"stream", "finance:poisson"},
          {"load", "0.5"},
          {"duration", "3s"},
          {"warm-up", "1s"},
          {"policy", "least_outstanding"}};
}

std::optional<SustainedThroughput> found(const SustainedLimits& limits = {}) {
  return sustained_throughput(
      small_scenario(), 5s, [] { return false; }, limits);
}

TEST(SustainedThroughput, IsNearWhatTheNodesCanRunWhereTheLimitsAreWide) {
  const auto sustained = found();
  ASSERT_TRUE(sustained);
  EXPECT_GT(sustained->rate_per_s, 1300);
  EXPECT_LT(sustained->rate_per_s, 1700);
  EXPECT_NEAR(sustained->load, sustained->rate_per_s / 1600, 0.01);
  EXPECT_GE(sustained->probes, 2) << "one that passes and one that fails";
}

TEST(SustainedThroughput, IsLessWhereTheMeanHasToBeSmaller) {
  const auto wide = found();
  const auto narrow = found({.mean_s = 0.0104});
  ASSERT_TRUE(wide && narrow);
  EXPECT_LT(narrow->rate_per_s, 0.95 * wide->rate_per_s);
  EXPECT_GT(narrow->rate_per_s, 0);
}

TEST(SustainedThroughput, IsNoneWhereEvenTheSmallestLoadFails) {
  // A task alone takes longer.
  const auto sustained = found({.mean_s = 0.005});
  ASSERT_TRUE(sustained);
  EXPECT_EQ(sustained->rate_per_s, 0);
  EXPECT_EQ(sustained->load, 0);
}

TEST(SustainedThroughput, IsNothingWhereTheSearchWasStopped) {
  EXPECT_FALSE(sustained_throughput(small_scenario(), 5s, [] { return true; }));
}

TEST(SustainedThroughput, IsTheSameWithTheSameSeed) {
  EXPECT_EQ(found()->rate_per_s, found()->rate_per_s);
}

}  // namespace
}  // namespace weir
