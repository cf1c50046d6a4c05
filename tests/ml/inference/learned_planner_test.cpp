#include "ml/inference/learned_planner.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/price_weights.hpp"
#include "tests/support/refusal.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNodes = 4;
constexpr std::size_t kClasses = 2;

class EvenPlanner final : public Planner {
 public:
  std::optional<Directive> plan(std::span<const NodeReport> reports, Instant) override {
    const std::vector<float> even(reports.size(), 1);
    return Directive{.lifetime = {}, .weights = {even, even}, .prices = even};
  }
};

std::vector<NodeReport> reports_at(Instant now) {
  std::vector<NodeReport> reports(kNodes);
  for (std::size_t i = 0; i < kNodes; ++i) {
    NodeReport& report = reports[i];
    report.node = RankId(static_cast<int>(i));
    report.sequence = 1;
    report.made = now - 50ms;
    report.worker_count = 8;
    const auto busy = static_cast<std::uint32_t>(i);
    report.classes = {{.queued = busy, .running = 2 * busy, .arrived = 100, .mean_service_s = 0.1},
                      {.queued = 0, .running = 1, .arrived = 50, .mean_service_s = 0.2}};
  }
  return reports;
}

NodeSetNetwork network_that_moves(float slope) {
  return price_network_of(weights_that_move_prices(slope), "test");
}

LearnedPlanner planner_with(NodeSetNetwork network, PriceWatch* watch = nullptr) {
  return LearnedPlanner(std::make_unique<EvenPlanner>(), std::move(network), watch);
}

TEST(LearnedPlanner, DoesAsTheRuleWhereNothingIsWorthMoreThanToHold) {
  LearnedPlanner planner = planner_with(NodeSetNetwork(PriceFeatures::shape()));
  const Instant now(10s);
  const auto directive = planner.plan(reports_at(now), now);
  ASSERT_TRUE(directive.has_value());
  EXPECT_EQ(directive->prices, std::vector<float>(kNodes, 1));
  EXPECT_EQ(directive->log_prices, (std::vector(kClasses, std::vector<float>(kNodes, 0))));
}

TEST(LearnedPlanner, RaisesPricesToTheirBoundAndNoFurther) {
  LearnedPlanner planner = planner_with(network_that_moves(1));
  Instant now(10s);
  float before = 0;
  for (int tick = 0; tick < 100; ++tick, now += 100ms) {
    const float price = planner.plan(reports_at(now), now)->log_prices[1][2];
    EXPECT_GE(price, before);
    EXPECT_LE(price, PriceFeatures::kMostLogPrice);
    before = price;
  }
  EXPECT_NEAR(before, PriceFeatures::kMostLogPrice, 1e-3);
}

// Takes over after some ticks.
class HoldingWatch final : public PriceWatch {
 public:
  void on_decision(const PriceDecision& decision, Actions& actions) override {
    EXPECT_EQ(decision.feasible.size(), 3 * kNodes * kClasses);
    if (++ticks > 20) actions.assign(actions.size(), LearnedPlanner::kHold);
  }
  int ticks = 0;
};

TEST(LearnedPlanner, LetsPricesFadeWhereItHolds) {
  HoldingWatch watch;
  LearnedPlanner planner = planner_with(network_that_moves(1), &watch);
  Instant now(10s);
  std::optional<Directive> directive;
  for (int tick = 0; tick < 20; ++tick) directive = planner.plan(reports_at(now), now);
  EXPECT_GT(directive->log_prices[0][0], 0.4F);
  for (int tick = 0; tick < 30; ++tick) directive = planner.plan(reports_at(now), now);
  EXPECT_EQ(directive->log_prices, (std::vector(kClasses, std::vector<float>(kNodes, 0))));
}

TEST(LearnedPlanner, HoldsWhereAQValueIsNotANumber) {
  LearnedPlanner planner = planner_with(network_that_moves(std::nanf("")));
  const Instant now(10s);
  const auto directive = planner.plan(reports_at(now), now);
  EXPECT_EQ(directive->log_prices, (std::vector(kClasses, std::vector<float>(kNodes, 0))));
}

TEST(LearnedPlanner, NeverPricesANodeThatRunsNothing) {
  LearnedPlanner planner = planner_with(network_that_moves(-1));
  const Instant now(10s);
  std::vector<NodeReport> reports = reports_at(now);
  reports[0].sequence = 0;
  reports[3].worker_count = 0;
  const auto directive = planner.plan(reports, now);
  for (const auto& of_class : directive->log_prices) {
    EXPECT_EQ(of_class[0], 0);
    EXPECT_NE(of_class[1], 0);
    EXPECT_EQ(of_class[3], 0);
  }
}

TEST(LearnedPlanner, LooksAtFiniteFeaturesWhateverNodesTell) {
  PriceFeatures features;
  const Instant now(10s);
  std::vector<NodeReport> reports = reports_at(now);
  reports[0].classes[0].mean_service_s = std::numeric_limits<double>::denorm_min();
  reports[1].classes[1].mean_service_s = 1e300;
  reports[2].speed = std::nan("");
  reports[3].busy_share = std::numeric_limits<double>::infinity();
  ASSERT_TRUE(features.look(reports, {}, {}, now));
  for (const auto part : {features.set().nodes, features.set().classes, features.set().context}) {
    for (const float feature : part) EXPECT_LE(std::abs(feature), 4);
  }
  EXPECT_FALSE(features.look(std::vector<NodeReport>(kNodes), {}, {}, now));
}

TEST(LearnedPlanner, RefusesASourceThatIsNoSuchNetwork) {
  EXPECT_FALSE(price_network_of("none").has_value());
  EXPECT_NE(refusal([] { price_network_of("no/such/file.h5"); }), kNothingRefused);
}

class NoOutlook final : public ArrivalOutlook {
 public:
  void foretell(std::span<const double>, Instant, std::span<double>) override {}
};

class OutlookKeeper final : public Planner {
 public:
  explicit OutlookKeeper(ArrivalOutlook*& kept) : kept_(kept) {}
  std::optional<Directive> plan(std::span<const NodeReport>, Instant) override { return {}; }
  void plan_for(ArrivalOutlook& outlook) override { kept_ = &outlook; }

 private:
  ArrivalOutlook*& kept_;
};

TEST(LearnedPlanner, LetsItsRulePlanForWhatIsForetold) {
  ArrivalOutlook* kept = nullptr;
  LearnedPlanner planner(std::make_unique<OutlookKeeper>(kept),
                         NodeSetNetwork(PriceFeatures::shape()));
  NoOutlook outlook;
  planner.plan_for(outlook);
  EXPECT_EQ(kept, &outlook);
}

}  // namespace
}  // namespace weir
