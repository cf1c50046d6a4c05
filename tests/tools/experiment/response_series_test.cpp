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

}  // namespace
}  // namespace weir
