// Two classes that both like the large nodes best, one of them only a little: greedy homes fill the
// large nodes with it, and the other one has to go where it takes four times as long.

#include <gtest/gtest.h>

#include <string>

#include "runtime/sim/simulation.hpp"
#include "tests/support/poisson_source.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 11;
constexpr int kHomes = 2;
constexpr PoissonArrivals kArrivals{.rate_per_s = 3000, .count = 24000, .class_count = 2};

struct Outcome {
  double mean_response_s = 0;
  std::uint64_t journal = 0;
};

class MeanOfTheSecondHalf final : public SimulationSink {
 public:
  void on_completed(const CompletedTask& task, SimTime) override {
    if (index_of(task.header.id) < kArrivals.count / kHomes / 2) return;
    sum_s += to_seconds(task.response);
    ++count;
  }
  double sum_s = 0;
  double count = 0;
};

Outcome outcome_of(const std::string& policy) {
  const SimulationOptions options{
      .nodes = EmulationSpec::parse("nodes=16x1*1,16x1*2;work_ms=10;affinity=1/1.2,1/4"),
      .dispatcher_count = kHomes,
      .policy = policy,
      .seed = kSeed,
      .class_count = 2};
  MeanOfTheSecondHalf sink;
  Simulation world(
      options,
      [](RankId home, Instant start) {
        PoissonArrivals own = kArrivals;
        own.rate_per_s /= kHomes;
        own.count /= kHomes;
        own.stream = static_cast<std::uint16_t>(home.value());
        return std::make_unique<PoissonSource>(own, start);
      },
      sink);
  world.run();
  return {sink.sum_s / sink.count, world.journal()};
}

TEST(PricedShortestExpectedDelayScenario, PricesKeepANodeForTheClassThatNeedsIt) {
  const double with_prices = outcome_of("priced_shortest_expected_delay").mean_response_s;
  const double without = outcome_of("priced_shortest_expected_delay:price=0").mean_response_s;
  const double by_reports = outcome_of("shortest_expected_delay").mean_response_s;
  EXPECT_LT(with_prices, 0.95 * without) << "seed " << kSeed;
  EXPECT_LT(with_prices, 0.9 * by_reports) << "seed " << kSeed;
}

TEST(PricedShortestExpectedDelayScenario, RepeatsItself) {
  const Outcome first = outcome_of("priced_shortest_expected_delay");
  const Outcome second = outcome_of("priced_shortest_expected_delay");
  EXPECT_EQ(first.journal, second.journal) << "seed " << kSeed;
  EXPECT_EQ(first.mean_response_s, second.mean_response_s);
}

}  // namespace
}  // namespace weir
