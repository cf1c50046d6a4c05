#include "jobs/streams/iot_stream.hpp"

#include <gtest/gtest.h>

#include <map>

#include "jobs/statistics.hpp"
#include "runtime/base/error.hpp"
#include "tests/support/streams.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

StreamOptions with_shape(const IotOptions& shape, double rate_per_s, double duration_s) {
  StreamOptions options = at_rate(rate_per_s, duration_s);
  options.iot = shape;
  return options;
}

IotOptions one_period(double period_s) {
  IotOptions shape;
  shape.groups = {{period_s, 1}};
  return shape;
}

TEST(IotStream, KeepsItsRate) {
  for (const double rate_per_s : {50.0, 3000.0}) {
    const auto stream = make_stream("iot", at_rate(rate_per_s, 300));
    EXPECT_NEAR(stream->mean_rate_per_s(), rate_per_s, 0.01 * rate_per_s + 0.5);
    const auto found = static_cast<double>(drain(*stream).size()) / 300;
    EXPECT_NEAR(found, stream->mean_rate_per_s(), 0.01 * rate_per_s);
  }
}

TEST(IotStream, LetsEverySensorReportOncePerPeriodWithinItsJitter) {
  IotOptions shape = one_period(2);
  shape.jitter = 0.05;
  std::map<std::uint64_t, std::vector<double>> times;
  for (const Arrival& arrival : drain(*make_stream("iot", with_shape(shape, 200, 60)))) {
    times[arrival.key].push_back(to_seconds(arrival.at));
  }
  EXPECT_EQ(times.size(), 400u);
  for (const auto& [sensor, reports] : times) {
    EXPECT_GE(reports.size(), 29u);
    for (std::size_t i = 1; i < reports.size(); ++i) {
      EXPECT_NEAR(reports[i] - reports[i - 1], 2, 0.2 + 1e-6) << sensor;
      // No drift: the jitter does not add up.
      EXPECT_NEAR(reports[i] - reports[0], 2 * static_cast<double>(i), 0.2 + 1e-6) << sensor;
    }
  }
}

TEST(IotStream, LetsAShareOfTheSensorsReportInStep) {
  IotOptions shape = one_period(1);
  shape.in_step_share = 0.2;
  const auto arrivals = drain(*make_stream("iot", with_shape(shape, 1000, 50)));
  // In step: half a period after each second, give or take 50 ms; by chance 10 % of the others.
  double near = 0;
  for (const Arrival& arrival : arrivals) {
    const Duration phase = arrival.at % 1s;
    if (phase > 449ms && phase < 551ms) near += 1;
  }
  EXPECT_NEAR(near / static_cast<double>(arrivals.size()), 0.2 + 0.8 * 0.1, 0.02);
}

TEST(IotStream, IsRegularOnLongScalesAndBurstyWhereSensorsAreInStep) {
  IotOptions shape = one_period(1);
  const std::vector<Duration> windows = {100ms, 5s};
  const auto in_step = measure(*make_stream("iot", with_shape(shape, 1000, 100)), windows);
  EXPECT_GT(in_step.windows[0].index_of_dispersion, 5);
  EXPECT_LT(in_step.windows[1].index_of_dispersion, 0.2);
  shape.in_step_share = 0;
  const auto free = measure(*make_stream("iot", with_shape(shape, 1000, 100)), windows);
  EXPECT_LT(free.windows[0].index_of_dispersion, 1.3);
}

// iot_http_umts_d2: Poisson-like below 0.1 s, regular from 1 s on.
TEST(IotStream, IsAsRegularAsTheTraceThatThePhonesAreFittedTo) {
  const std::vector<Duration> windows = {10ms, 100ms, 1s, 10s};
  const std::vector<double> traced = {1.04, 1.16, 0.188, 0.0677};
  std::vector<double> found(windows.size());
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const auto statistics = measure(*make_stream("iot:phones", at_rate(18, 600, seed)), windows);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      found[i] += statistics.windows.at(i).index_of_dispersion / 4;
    }
  }
  for (std::size_t i = 0; i < windows.size(); ++i) {
    EXPECT_GT(found[i], traced[i] / 4) << i;
    EXPECT_LT(found[i], traced[i] * 1.5) << i;
  }
}

TEST(IotStream, HasASensorEvenAtTheLowestRate) {
  EXPECT_FALSE(drain(*make_stream("iot", at_rate(0.001, 100))).empty());
}

TEST(IotStream, RefusesAShapeOutOfRange) {
  IotOptions shape = one_period(0);
  EXPECT_THROW(make_stream("iot", with_shape(shape, 10, 1)), Error);
  shape = one_period(1);
  shape.groups[0].share_of_rate = 0.5;
  EXPECT_THROW(make_stream("iot", with_shape(shape, 10, 1)), Error);
  shape = one_period(1);
  shape.jitter = 0.6;
  EXPECT_THROW(make_stream("iot", with_shape(shape, 10, 1)), Error);
  EXPECT_THROW(make_stream("iot", with_shape(one_period(1e6), 1e6, 1)), Error);
}

}  // namespace
}  // namespace weir
