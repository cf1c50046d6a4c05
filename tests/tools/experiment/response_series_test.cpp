#include "tools/experiment/response_series.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace weir {
namespace {

using namespace std::chrono_literals;

CompletedTask task_of(Duration response) {
  CompletedTask task;
  task.response = response;
  return task;
}

TEST(ResponseSeries, HasTheMeanOfEverySecond) {
  ResponseSeries series;
  series.on_completed(task_of(10ms), 100ms);
  series.on_completed(task_of(20ms), 900ms);
  series.on_completed(task_of(40ms), 2500ms);
  EXPECT_EQ(series.means_ms(), (std::vector<double>{15, 15, 40}));
}

TEST(ResponseSeries, EndsWithTheSecondOfTheLastArrival) {
  ResponseSeries series;
  series.on_completed(task_of(10ms), 100ms);
  series.on_completed(task_of(500ms), 1900ms);
  series.on_completed(task_of(900ms), 2100ms);
  series.on_completed(task_of(2900ms), 3100ms);
  EXPECT_EQ(series.means_ms(), (std::vector<double>{10, 500}));
  EXPECT_EQ(series.p99s_ms().size(), 2U);
}

TEST(ResponseSeries, HasThePercentileOfEverySecond) {
  ResponseSeries series;
  for (int i = 0; i < 99; ++i) series.on_completed(task_of(10ms), 100ms);
  series.on_completed(task_of(500ms), 900ms);
  series.on_completed(task_of(40ms), 2500ms);
  series.on_completed(task_of(80ms), 2500ms);
  const std::vector<double> p99s = series.p99s_ms();
  ASSERT_EQ(p99s.size(), 3U);
  EXPECT_NEAR(p99s[0], 10, 0.2);  // One of a hundred may be longer. Buckets are 1.6 % wide.
  EXPECT_EQ(p99s[1], p99s[0]);
  EXPECT_NEAR(p99s[2], 80, 1.3);
}

// Ten seconds at 100 ms, a step, `slow` seconds at 300 ms, then 110 ms.
std::vector<double> settling(std::size_t slow) {
  std::vector<double> means(10, 100);
  means.insert(means.end(), slow, 300);
  means.insert(means.end(), 60, 110);
  return means;
}

TEST(SteadyMean, IsThatOfTheLastThird) { EXPECT_EQ(steady_mean_ms(settling(5), 10), 110); }

TEST(AdaptationTime, IsHowLongItTookToSettle) {
  EXPECT_EQ(adaptation_time_s(settling(5), 10, 110), 5);
  EXPECT_EQ(adaptation_time_s(settling(0), 10, 110), 0);
}

TEST(AdaptationTime, StartsAgainWhenTheMeansLeaveTheBand) {
  auto means = settling(5);
  means[10 + 12] = 200;
  EXPECT_EQ(adaptation_time_s(means, 10, 110), 13);
}

TEST(AdaptationTime, IsInfiniteForAPolicyThatSettlesAboveTheBest) {
  EXPECT_TRUE(std::isinf(adaptation_time_s(settling(5), 10, 95)));
  EXPECT_EQ(adaptation_time_s(settling(5), 10, 101), 5);
}

TEST(Overshoot, IsTheHighestSecondAfterTheStepOverTheNewSteadyState) {
  EXPECT_EQ(overshoot(settling(5), 10, 110), 300.0 / 110);
  EXPECT_EQ(overshoot(settling(0), 10, 110), 1);
}

TEST(Overshoot, DoesNotSeeWhatWasBeforeTheStep) {
  auto p99s = settling(0);
  p99s[9] = 1000;
  EXPECT_EQ(overshoot(p99s, 10, 110), 1);
  p99s[10] = 1000;
  EXPECT_EQ(overshoot(p99s, 10, 100), 10);
}

TEST(Overshoot, SeesASecondLongAfterTheStep) {
  auto p99s = settling(5);
  p99s[60] = 550;
  EXPECT_EQ(overshoot(p99s, 10, 110), 5);
}

}  // namespace
}  // namespace weir
