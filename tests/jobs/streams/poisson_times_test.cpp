#include "jobs/streams/poisson_times.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/streams.hpp"

namespace weir {
namespace {

TEST(PoissonTimes, HasIndependentExponentialGaps) {
  for (const char* name : {"finance:poisson", "social:poisson", "iot:poisson"}) {
    double last_s = 0;
    double sum_s = 0;
    double squares = 0;
    double products = 0;
    double before_s = 0;
    const auto arrivals = drain(*make_stream(name, at_rate(1000, 100)));
    for (const Arrival& arrival : arrivals) {
      const double gap_s = to_seconds(arrival.at) - last_s;
      last_s = to_seconds(arrival.at);
      sum_s += gap_s;
      squares += gap_s * gap_s;
      products += gap_s * before_s;
      before_s = gap_s;
    }
    const auto count = static_cast<double>(arrivals.size());
    const double mean_s = sum_s / count;
    const double variance = squares / count - mean_s * mean_s;
    EXPECT_NEAR(count, 100'000, 1000) << name;
    EXPECT_NEAR(variance / (mean_s * mean_s), 1, 0.03) << name;
    EXPECT_NEAR((products / count - mean_s * mean_s) / variance, 0, 0.02) << name;
  }
}

TEST(PoissonTimes, KeepsTheTasksOfItsKernel) {
  const auto stream = make_stream("iot:poisson", at_rate(100, 5));
  EXPECT_EQ(stream->name(), "iot:poisson");
  EXPECT_EQ(stream->kernel(), "iot");
  EXPECT_DOUBLE_EQ(stream->mean_rate_per_s(), 100);
}

}  // namespace
}  // namespace weir
