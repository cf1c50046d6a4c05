#include "runtime/bounds/capacity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace weir {
namespace {

constexpr double kWorkS = 0.114286;

CapacityProblem paper50() {
  CapacityProblem problem;
  problem.classes = {{.mean_work_s = kWorkS}, {.mean_work_s = kWorkS}, {.mean_work_s = kWorkS}};
  problem.types = {{.count = 20, .cores = 24, .speed = 0.9},
                   {.count = 20, .cores = 32, .speed = 1},
                   {.count = 10, .cores = 44, .speed = 1.2}};
  return problem;
}

CapacityProblem affinity() {
  CapacityProblem problem = paper50();
  problem.slow_down = {{1, 1, 1}, {1.6, 1, 0.5}, {0.7, 1, 1.4}};
  return problem;
}

CapacityProblem combined(double beta) {
  CapacityProblem problem = affinity();
  problem.classes[1].memory_hungry = true;
  problem.interference = {.beta = beta, .harmless_share = 0.35};
  for (auto& type : problem.types) {
    type.good_share = 20.0 / 27;
    type.slow_factor = 0.5;
  }
  return problem;
}

double floor_ms(const CapacityProblem& problem, double load) {
  return 1000 * response_floor(problem, load * 1600 / kWorkS);
}

// Loads, and what they come to in milliseconds.
struct Expected {
  double load = 0;
  double floor_ms = 0;
};

// The expected figures have two decimals.
void expect_floors(const CapacityProblem& problem, const std::vector<Expected>& expected) {
  for (const auto& [load, ms] : expected) EXPECT_NEAR(floor_ms(problem, load), ms, 0.0051) << load;
}

TEST(CapacityBound, IsAllCoresTimesSpeedWithoutAffinity) {
  EXPECT_NEAR(capacity_bound(paper50()).rate_per_s, 1600 / kWorkS, 1e-3);
}

TEST(CapacityBound, LetsClassesRunWhereTheyAreFast) {
  EXPECT_NEAR(capacity_bound(affinity()).rate_per_s, 18744, 0.5);
}

TEST(CapacityBound, IsReachedByItsShares) {
  const CapacityProblem problem = affinity();
  const CapacityBound bound = capacity_bound(problem);
  for (const auto& of_class : bound.shares) {
    EXPECT_NEAR(std::accumulate(of_class.begin(), of_class.end(), 0.0), 1, 1e-9);
  }
  for (std::size_t j = 0; j < problem.types.size(); ++j) {
    double busy = 0;
    for (std::size_t i = 0; i < problem.classes.size(); ++i) {
      busy += bound.rate_per_s / 3 * bound.shares[i][j] * kWorkS * problem.slow_down[i][j] /
              problem.types[j].speed;
    }
    EXPECT_LE(busy, problem.types[j].count * problem.types[j].cores * (1 + 1e-6));
  }
}

TEST(CapacityBound, WithDriftIsThatOfTheMeanSpeed) {
  CapacityProblem drifting = affinity();
  CapacityProblem steady = affinity();
  for (auto& type : drifting.types) {
    type.good_share = 0.75;
    type.slow_factor = 0.2;
  }
  for (auto& type : steady.types) type.speed *= 0.8;
  EXPECT_NEAR(capacity_bound(drifting).rate_per_s, capacity_bound(steady).rate_per_s, 0.01);
}

TEST(CapacityBound, OfAClassThatSuffersFromItsOwnEndsAtTheHarmlessShare) {
  CapacityProblem problem;
  problem.classes = {{.memory_hungry = true}};
  problem.types = {{.count = 3, .cores = 10, .speed = 1}};
  problem.interference = {.beta = 1, .harmless_share = 0.35};
  EXPECT_NEAR(capacity_bound(problem).rate_per_s, 3 * 3.5, 1e-6);
}

TEST(CapacityBound, UnderWeakInterferenceGrowsMoreSlowlyThanTheCores) {
  CapacityProblem problem;
  problem.classes = {{.memory_hungry = true}};
  problem.types = {{.count = 3, .cores = 10, .speed = 1}};
  problem.interference = {.beta = 0.5, .harmless_share = 0.5};
  // 10 tasks at a node, each 1 + 0.5 x 5/5 times as long.
  EXPECT_NEAR(capacity_bound(problem).rate_per_s, 3 * 10 / 1.5, 0.01 * 20);
  EXPECT_GE(capacity_bound(problem).rate_per_s, 3 * 10 / 1.5 - 1e-6);
}

TEST(CapacityBound, WithDriftAffinityAndContention) {
  EXPECT_NEAR(capacity_bound(combined(1)).rate_per_s, 14570, 1);
  EXPECT_NEAR(capacity_bound(combined(0)).rate_per_s, 18744 * (20 + 3.5) / 27, 1);
}

TEST(CapacityBound, LeavesOutAClassWithoutArrivals) {
  CapacityProblem problem = affinity();
  problem.classes[0].share = 0;
  const CapacityBound bound = capacity_bound(problem);
  EXPECT_EQ(bound.shares[0], std::vector<double>(3, 0));
  EXPECT_GT(bound.rate_per_s, 18744);
}

TEST(CapacityBound, IsZeroWithoutArrivals) {
  CapacityProblem problem = paper50();
  for (auto& task_class : problem.classes) task_class.share = 0;
  EXPECT_EQ(capacity_bound(problem).rate_per_s, 0);
}

TEST(ResponseFloor, IsTheServiceTimeWhereTheFastestNodesAreFilledFirst) {
  expect_floors(
      paper50(),
      {{.5, 101.71}, {.66, 104.76}, {.8, 107.54}, {.87, 109.10}, {.9, 109.70}, {.95, 110.61}});
}

TEST(ResponseFloor, WithAffinityStartsWhereClassesAreFast) {
  expect_floors(
      affinity(),
      {{.8, 78.92}, {.87, 79.55}, {1.0, 80.49}, {1.1, 81.06}, {1.2, 81.84}, {1.3, 82.87}});
}

TEST(ResponseFloor, WithDriftAffinityAndContention) {
  EXPECT_NEAR(floor_ms(combined(1), .7), 84.4, 0.051);
  EXPECT_NEAR(floor_ms(combined(1), .8), 87.1, 0.051);
}

TEST(ResponseFloor, IsInfiniteAboveTheCapacity) {
  const double capacity = capacity_bound(affinity()).rate_per_s;
  EXPECT_TRUE(std::isfinite(response_floor(affinity(), 0.999 * capacity)));
  EXPECT_TRUE(std::isinf(response_floor(affinity(), 1.001 * capacity)));
}

TEST(LeastBusy, FillsNothingButTheFastestAtALowRate) {
  const auto filling = least_busy(paper50(), 10);
  ASSERT_TRUE(filling.has_value());
  for (const auto& of_class : filling->shares) EXPECT_NEAR(of_class[2], 1, 1e-9);
  EXPECT_NEAR(filling->busy_cores, 10 * kWorkS / 1.2, 1e-6);
}

TEST(LeastBusy, PricesCoresByTheBusyCoresThatOneMoreWouldSave) {
  // The slow cores take twice as long, so a fast one more saves two of them and is busy itself.
  CapacityProblem problem;
  problem.classes = {{.mean_work_s = 1}};
  problem.types = {{.cores = 4, .speed = 2}, {.cores = 20, .speed = 1}};
  const auto beyond_the_fast = least_busy(problem, 12);
  ASSERT_TRUE(beyond_the_fast.has_value());
  EXPECT_NEAR(beyond_the_fast->core_prices[0], 1, 1e-9);
  EXPECT_NEAR(beyond_the_fast->core_prices[1], 0, 1e-9);
  EXPECT_NEAR(least_busy(problem, 7)->core_prices[0], 0, 1e-9);
}

TEST(LeastBusy, CountsWhatAClassHasBeyondItsLimitTwice) {
  CapacityProblem problem;
  problem.classes = {{.mean_work_s = 1}};
  problem.types = {{.cores = 10, .class_limits = {4}}};
  EXPECT_NEAR(least_busy(problem, 4)->busy_cores, 4, 1e-9);
  EXPECT_NEAR(least_busy(problem, 6)->busy_cores, 8, 1e-9);
  EXPECT_NEAR(capacity_bound(problem).rate_per_s, 7, 1e-9);
  problem.types[0].count = 2;
  EXPECT_NEAR(capacity_bound(problem).rate_per_s, 14, 1e-9);
}

}  // namespace
}  // namespace weir
