// Moments of what the queues are fed: task sizes and arrivals, against closed forms.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "jobs/statistics.hpp"
#include "runtime/exec/service_model.hpp"
#include "tests/support/queueing_model.hpp"
#include "tests/support/streams.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Sizes have mean 1: in multiples of the least they are those of a Pareto law that starts at 1.
std::vector<double> pareto_sizes(std::uint64_t seed) {
  constexpr std::uint64_t kSizes = 2'000'000;
  const EmulationSpec::Size size{
      .distribution = SizeDistribution::kBoundedPareto, .alpha = 1.5, .ratio = 1000};
  std::vector<double> sizes;
  sizes.reserve(kSizes);
  for (std::uint64_t id = 0; id < kSizes; ++id) sizes.push_back(task_size(size, seed, TaskId(id)));
  const double least = std::ranges::min(sizes);
  for (double& one : sizes) one /= least;
  return sizes;
}

// E = sum of x, E2 = sum of x^2 over the density 1.5 x^-2.5 / (1 - 1000^-1.5) from 1 to 1000.
TEST(BoundedPareto, HasTheFirstTwoMomentsOfItsDensity) {
  std::vector<double> squares;
  const Estimate first = over_ten_seeds([&](std::uint64_t seed) {
    std::vector<double> sizes = pareto_sizes(seed);
    const double mean = mean_of(sizes);
    for (double& size : sizes) size *= size;
    squares.push_back(mean_of(sizes));
    return mean;
  });
  expect_agreement(first, 2.90522354);
  const Estimate second = over_ten_seeds([&](std::uint64_t seed) { return squares[seed - 1]; });
  expect_agreement(second, 91.87123503, 0.02);
}

// n = .8 and beta = 2/s. Windows of w have the index of dispersion 1 + (F - 1) g(w), where F is
// that of long windows and g = 1 - (1 - exp(-c w)) / (c w) with c = beta (1 - n) = .4/s.
TEST(Hawkes, HasItsRateAndItsDispersionInLongWindows) {
  constexpr double kRate = 5;
  const std::vector<Duration> windows = {100s};
  const double seen = 1 - (1 - std::exp(-.4 * 100)) / (.4 * 100);
  std::vector<double> limits;
  const Estimate rate = over_ten_seeds([&](std::uint64_t seed) {
    const auto stream = make_stream("finance:hawkes", at_rate(kRate, 250'000, seed));
    const StreamStatistics found = measure(*stream, windows);
    limits.push_back(1 + (found.windows.at(0).index_of_dispersion - 1) / seen);
    return found.rate_per_s;
  });
  expect_agreement(rate, kRate);
  const Estimate limit = over_ten_seeds([&](std::uint64_t seed) { return limits[seed - 1]; });
  expect_agreement(limit, 25);
}

}  // namespace
}  // namespace weir
