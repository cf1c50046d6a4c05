// Two classes that both like the large nodes best, one of them only a little: greedy homes fill the
// large nodes with it, and the other one has to go where it takes four times as long.

#include <gtest/gtest.h>

#include <string>

#include "tests/support/second_half.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 11;
constexpr int kHomes = 2;
constexpr PoissonArrivals kArrivals{.rate_per_s = 3000, .count = 24000, .class_count = 2};

SecondHalf outcome_of(const std::string& policy) {
  const SimulationOptions options{
      .nodes = EmulationSpec::parse("nodes=16x1*1,16x1*2;work_ms=10;affinity=1/1.2,1/4"),
      .dispatcher_count = kHomes,
      .policy = policy,
      .seed = kSeed,
      .class_count = 2};
  return second_half_of(options, kArrivals);
}

TEST(PricedShortestExpectedDelayScenario, PricesKeepANodeForTheClassThatNeedsIt) {
  const std::string rule = "priced_shortest_expected_delay:wait=3";
  const double with_prices = outcome_of(rule).mean_response_s;
  const double without = outcome_of(rule + ",price=0").mean_response_s;
  const double by_reports = outcome_of("shortest_expected_delay").mean_response_s;
  EXPECT_LT(with_prices, 0.95 * without) << "seed " << kSeed;
  // On the average of 15 seeds 0.91, with a standard deviation of 0.02 among them.
  EXPECT_LT(with_prices, 0.95 * by_reports) << "seed " << kSeed;
}

}  // namespace
}  // namespace weir
