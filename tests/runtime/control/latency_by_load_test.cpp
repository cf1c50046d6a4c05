#include "runtime/control/latency_by_load.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

void add(LatencyByLoad& latencies, std::uint32_t load, Duration latency, int times) {
  for (int i = 0; i < times; ++i) latencies.add(load, latency);
}

TEST(LatencyByLoad, IsZeroBeforeTheFirstTask) { EXPECT_EQ(LatencyByLoad().at(3), 0ns); }

TEST(LatencyByLoad, IsTheMeanOfWhatCameToAboutThatLoad) {
  LatencyByLoad latencies;
  add(latencies, 1, 10ms, 32);
  add(latencies, 2, 10ms, 32);
  add(latencies, 10, 50ms, 30);
  add(latencies, 11, 80ms, 15);
  EXPECT_EQ(latencies.at(2), 10ms);
  EXPECT_EQ(latencies.at(10), 50ms);
  EXPECT_EQ(latencies.at(11), 60ms) << "too few came to 11 alone";
}

TEST(LatencyByLoad, TakesTheNearestLoadWhereThereIsNothingCloser) {
  LatencyByLoad latencies;
  add(latencies, 3, 10ms, 1);
  for (const std::uint32_t load : {0u, 3u, 40u, 1'000'000u, ~0u}) {
    EXPECT_EQ(latencies.at(load), 10ms) << load;
  }
}

TEST(LatencyByLoad, ForgetsOldTasks) {
  LatencyByLoad latencies;
  add(latencies, 5, 100ms, 500);
  add(latencies, 5, 10ms, 32);
  EXPECT_EQ(latencies.at(5), 10ms);
}

// Above 16 a level spans an eighth of its octave.
TEST(LatencyByLoad, TellsLargeLoadsApartByAnEighth) {
  LatencyByLoad latencies;
  for (std::uint32_t load = 0; load < 200; ++load) add(latencies, load, load * 1ms, 32);
  EXPECT_NEAR(to_milliseconds(latencies.at(100)), 100, 13);
  EXPECT_NEAR(to_milliseconds(latencies.at(17)), 17, 2);
  EXPECT_LT(latencies.at(60), latencies.at(90));
}

}  // namespace
}  // namespace weir
