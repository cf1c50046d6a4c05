#include "runtime/policy/probe_pool.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{100s};

ProbeReading reading(int node, double in_flight, Duration latency, double cores = 1) {
  return {RankId(node), in_flight, cores, latency};
}

// Answers heard one after the other, each good for `uses` tasks.
ProbePool pool_of(const std::vector<ProbeReading>& readings, ProbePoolOptions options = {},
                  int uses = 1) {
  ProbePool pool(options);
  for (const ProbeReading& one : readings) pool.add(one, kStart, uses);
  return pool;
}

TEST(ProbePool, TakesTheColdNodeOfLeastLatency) {
  // With a quantile of 0.75 one of four is hot: node 1, which would be the fastest.
  ProbePool pool =
      pool_of({reading(0, 3, 20ms), reading(1, 9, 1ms), reading(2, 5, 10ms), reading(3, 1, 30ms)},
              {.quantile = 0.75});
  EXPECT_EQ(pool.take(), RankId(2));
}

TEST(ProbePool, TakesLeastInFlightWhereTheQuantileIsZero) {
  ProbePool pool =
      pool_of({reading(0, 3, 1ms), reading(1, 2, 9ms), reading(2, 5, 1ms)}, {.quantile = 0});
  EXPECT_EQ(pool.take(), RankId(1));
}

TEST(ProbePool, TakesLeastLatencyWhereTheQuantileIsOne) {
  ProbePool pool =
      pool_of({reading(0, 3, 2ms), reading(1, 2, 9ms), reading(2, 500, 1ms)}, {.quantile = 1});
  EXPECT_EQ(pool.take(), RankId(2));
}

TEST(ProbePool, BreaksTiesByLoadAndThenByRank) {
  ProbePool pool =
      pool_of({reading(5, 2, 0ms), reading(4, 1, 0ms), reading(3, 1, 0ms)}, {.quantile = 1});
  EXPECT_EQ(pool.take(), RankId(3));
  EXPECT_EQ(pool.take(), RankId(4));
}

TEST(ProbePool, ComparesNodesPerCoreUnlessToldOtherwise) {
  const std::vector<ProbeReading> readings{reading(0, 10, 1ms, 4), reading(1, 20, 1ms, 16)};
  EXPECT_EQ(pool_of(readings, {.quantile = 0}).take(), RankId(1));
  EXPECT_EQ(pool_of(readings, {.quantile = 0, .per_core = false}).take(), RankId(0));
}

TEST(ProbePool, CountsTheTasksItHasPlacedAndForgetsASpentAnswer) {
  ProbePool pool = pool_of({reading(0, 1, 1ms), reading(1, 2.5, 1ms)}, {.quantile = 0}, 2);
  EXPECT_EQ(pool.take(), RankId(0));
  EXPECT_EQ(pool.take(), RankId(0));  // 2 against 2.5
  EXPECT_EQ(pool.size(), 1u);
  EXPECT_EQ(pool.take(), RankId(1));
}

TEST(ProbePool, KeepsOneAnswerPerNodeTheNewest) {
  ProbePool pool =
      pool_of({reading(0, 1, 1ms), reading(1, 2, 1ms), reading(0, 3, 1ms)}, {.quantile = 0});
  EXPECT_EQ(pool.size(), 2u);
  EXPECT_EQ(pool.take(), RankId(1));
}

TEST(ProbePool, ForgetsTheOldestWhenItIsFull) {
  ProbePool pool = pool_of({reading(0, 1, 1ms), reading(1, 2, 1ms), reading(2, 3, 1ms)},
                           {.size = 2, .quantile = 0});
  EXPECT_EQ(pool.size(), 2u);
  EXPECT_EQ(pool.take(), RankId(1));
}

TEST(ProbePool, DropsAnswersThatAreTooOld) {
  ProbePool pool({.max_age = 1s});
  pool.add(reading(0, 1, 1ms), kStart, 1);
  pool.add(reading(1, 1, 1ms), kStart + 600ms, 1);
  pool.drop_older_than_max_age(kStart + 1s);
  EXPECT_EQ(pool.size(), 2u);
  pool.drop_older_than_max_age(kStart + 1001ms);
  EXPECT_EQ(pool.size(), 1u);
  EXPECT_EQ(pool.take(), RankId(1));
}

TEST(ProbePool, RemovesTheOldestAndTheWorstInTurn) {
  // Hot is above 3 in flight: node 2.
  ProbePool pool =
      pool_of({reading(0, 1, 9ms), reading(1, 2, 8ms), reading(2, 7, 1ms), reading(3, 3, 2ms)},
              {.quantile = 0.75});
  pool.remove_one();  // the oldest: 0
  pool.remove_one();  // the worst: hot node 2
  EXPECT_EQ(pool.size(), 2u);
  pool.remove_one();  // the oldest: 1
  EXPECT_EQ(pool.take(), RankId(3));
}

TEST(ProbePool, RemovesTheSlowestWhereNoneIsHot) {
  ProbePool pool =
      pool_of({reading(0, 1, 1ms), reading(1, 1, 2ms), reading(2, 1, 9ms), reading(3, 1, 3ms)});
  pool.remove_one();  // the oldest: 0
  pool.remove_one();  // the slowest: 2
  EXPECT_EQ(pool.take(), RankId(1));
  EXPECT_EQ(pool.take(), RankId(3));
  EXPECT_EQ(pool.size(), 0u);
  pool.remove_one();
  EXPECT_EQ(pool.size(), 0u);
}

TEST(ProbePoolDeathTest, RefusesToChooseFromNothing) {
  ProbePool pool({});
  EXPECT_DEATH(pool.take(), "no probe to choose from");
}

}  // namespace
}  // namespace weir
