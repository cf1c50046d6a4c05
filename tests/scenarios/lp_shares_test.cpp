// Two kinds of node, each three times as slow for one of two classes: blind to classes, a rule
// loses half of the capacity.

#include <gtest/gtest.h>

#include <string>

#include "tests/support/second_half.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 7;
constexpr int kHomes = 2;
// 32 cores and 10 ms of work: at most 3,200 tasks/s where each class runs where it is fast, 1,600
// where each runs everywhere.
constexpr PoissonArrivals kArrivals{.rate_per_s = 2700, .count = 27000, .class_count = 2};

SecondHalf outcome_of(const std::string& policy, Duration advisor_delay = 1ms) {
  const SimulationOptions options{
      .nodes = EmulationSpec::parse("nodes=8x1*2,8x1*2;work_ms=10;affinity=1/3,3/1"),
      .dispatcher_count = kHomes,
      .policy = policy,
      .seed = kSeed,
      .class_count = 2,
      .advisor_delay = advisor_delay};
  return second_half_of(options, kArrivals);
}

TEST(LpSharesScenario, SustainsWhatRulesBlindToClassesCannot) {
  EXPECT_GT(outcome_of("weighted_round_robin").mean_response_s, 1);
  EXPECT_LT(outcome_of("lp_shares").mean_response_s, 0.02);
  EXPECT_LT(outcome_of("lp_shares_fastest_idle").mean_response_s, 0.016);
}

TEST(LpSharesScenario, BearsAnAdvisorThatIsSlow) {
  EXPECT_LT(outcome_of("lp_shares", 150ms).mean_response_s, 0.03);
}

}  // namespace
}  // namespace weir
