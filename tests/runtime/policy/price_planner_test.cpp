#include "runtime/policy/price_planner.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

struct ClassInput {
  double service_s = 0;
  double rate_per_s = 0;
  std::uint32_t queued = 0;
  std::uint32_t limit = 0;
};

struct NodeInput {
  std::uint32_t cores = 10;
  std::vector<ClassInput> classes;
};

std::vector<NodeReport> reports_at(const std::vector<NodeInput>& nodes, double time_s) {
  std::vector<NodeReport> reports;
  for (const NodeInput& node : nodes) {
    NodeReport report;
    report.node = RankId(static_cast<std::int32_t>(reports.size()));
    report.sequence = 1;
    report.worker_count = node.cores;
    for (const ClassInput& c : node.classes) {
      report.classes.push_back({.queued = c.queued,
                                .arrived = static_cast<std::uint64_t>(c.rate_per_s * time_s),
                                .mean_service_s = c.service_s,
                                .limit = c.limit});
    }
    reports.push_back(report);
  }
  return reports;
}

constexpr PricePlannerOptions kAtOnce{.most_busy = 1, .smoothing = 1ms};

// What is planned once the arrivals of a second are known.
std::vector<float> prices_for(const std::vector<NodeInput>& nodes,
                              const PricePlannerOptions& options = kAtOnce) {
  PricePlanner planner(options);
  EXPECT_FALSE(planner.plan(reports_at(nodes, 1), Instant(1s)).has_value());
  const auto directive = planner.plan(reports_at(nodes, 2), Instant(2s));
  EXPECT_TRUE(directive.has_value());
  return directive ? directive->prices : std::vector<float>();
}

// Node 0 is good for both classes, node 1 a little worse for class 0 and far worse for class 1.
// Class 1 (50 a second) takes half of node 0, so the rest of it serves 50 a second of class 0.
std::vector<NodeInput> good_and_large(double rate_of_class_0) {
  return {{.cores = 10, .classes = {{0.1, rate_of_class_0}, {0.1, 50}}},
          {.cores = 20, .classes = {{0.15, 0}, {0.3, 0}}}};
}

TEST(PricePlanner, PricesACoreByWhatOneMoreOfItWouldSave) {
  // One core more at node 0 takes 10 tasks a second of class 0 from node 1: 1 busy core for 1.5.
  const std::vector<float> prices = prices_for(good_and_large(80));
  ASSERT_EQ(prices.size(), 2u);
  EXPECT_NEAR(prices[0], 0.5, 1e-6);
  EXPECT_NEAR(prices[1], 0, 1e-6);
}

TEST(PricePlanner, AsksNothingWhileThereIsRoom) {
  for (const float price : prices_for(good_and_large(40))) EXPECT_NEAR(price, 0, 1e-6);
}

TEST(PricePlanner, TakesCoresThatWorkOffABacklogForTaken) {
  std::vector<NodeInput> nodes = good_and_large(40);
  nodes[0].classes[0].queued = 50;  // 5 s of work, within 2.5 s: 2 of the 10 cores.
  EXPECT_NEAR(prices_for(nodes)[0], 0.5, 1e-6);
}

TEST(PricePlanner, LeavesRoomAtEveryNode) {
  // 9 of 10 cores are wanted.
  EXPECT_NEAR(prices_for(good_and_large(40), {.most_busy = 0.95, .smoothing = 1ms})[0], 0, 1e-6);
  EXPECT_NEAR(prices_for(good_and_large(40), {.most_busy = 0.85, .smoothing = 1ms})[0], 0.5, 1e-6);
}

TEST(PricePlanner, FollowsTheProgramOverATime) {
  PricePlanner planner({.most_busy = 1, .smoothing = 1s});
  float last = 0;
  for (int second = 1; second <= 6; ++second) {
    const auto directive =
        planner.plan(reports_at(good_and_large(80), second), Instant(second * 1s));
    if (second == 1) continue;
    ASSERT_TRUE(directive.has_value());
    EXPECT_GT(directive->prices[0], last);
    if (second == 2) {
      EXPECT_NEAR(directive->prices[0], 0.5 * (1 - std::exp(-1)), 1e-6);
    }
    last = directive->prices[0];
  }
  EXPECT_NEAR(last, 0.5, 0.005);
}

TEST(PricePlanner, CountsWhatAClassHasBeyondItsLimitTwice) {
  // Without the limit node 0 has room: 5 cores of class 1 and 4 of class 0. With it two of the
  // first class 1 cores take another two.
  std::vector<NodeInput> nodes = good_and_large(40);
  nodes[0].classes[1].limit = 3;
  EXPECT_NEAR(prices_for(nodes)[0], 0.5, 1e-6);
}

TEST(PricePlanner, StillTellsNodesApartBeyondTheCapacity) {
  const std::vector<float> prices = prices_for(good_and_large(1000));
  EXPECT_GT(prices[0], prices[1]);
  EXPECT_LE(prices[0], 10);
}

TEST(PricePlanner, GivesNoAdviceWithoutArrivals) {
  PricePlanner planner(kAtOnce);
  const std::vector<NodeInput> nodes{{.classes = {{0.1, 0}}}};
  EXPECT_FALSE(planner.plan(reports_at(nodes, 1), Instant(1s)).has_value());
  EXPECT_FALSE(planner.plan(reports_at(nodes, 2), Instant(2s)).has_value());
}

TEST(PricePlanner, ForgetsThePriceOfANodeThatIsGone) {
  PricePlanner planner({.most_busy = 1, .smoothing = 10s});
  std::vector<NodeInput> nodes = good_and_large(100);
  planner.plan(reports_at(nodes, 1), Instant(1s));
  const auto before = planner.plan(reports_at(nodes, 2), Instant(2s));
  ASSERT_TRUE(before.has_value());
  ASSERT_GT(before->prices[0], 0);
  nodes[0].cores = 0;
  const auto after = planner.plan(reports_at(nodes, 3), Instant(3s));
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->prices[0], 0);
}

// What is measured, times a factor for class 0.
class ScaledArrivals final : public ArrivalOutlook {
 public:
  explicit ScaledArrivals(double factor) : factor_(factor) {}
  void foretell(std::span<const double> arrived, Instant, std::span<double> rates_per_s) override {
    EXPECT_EQ(arrived.size(), rates_per_s.size());
    rates_per_s[0] *= factor_;
  }

 private:
  double factor_;
};

TEST(PricePlanner, PlansForTheArrivalsThatAreForetold) {
  ScaledArrivals twice(2);
  PricePlanner planner(kAtOnce);
  planner.plan_for(twice);
  const auto nodes = good_and_large(40);
  planner.plan(reports_at(nodes, 1), Instant(1s));
  const auto directive = planner.plan(reports_at(nodes, 2), Instant(2s));
  ASSERT_TRUE(directive.has_value());
  EXPECT_EQ(directive->prices, prices_for(good_and_large(80)));
  EXPECT_NE(directive->prices, prices_for(nodes));
}

// What is foretold is not taken for measured at the next plan.
TEST(PricePlanner, MeasuresOnWhileArrivalsAreForetold) {
  ScaledArrivals twice(2);
  PricePlanner planner(kAtOnce);
  planner.plan_for(twice);
  const auto nodes = good_and_large(40);
  std::optional<Directive> directive;
  for (int second = 1; second <= 20; ++second) {
    directive = planner.plan(reports_at(nodes, second), Instant(second * 1s));
  }
  ASSERT_TRUE(directive.has_value());
  EXPECT_NEAR(directive->prices[0], prices_for(good_and_large(80))[0], 1e-6);
}

}  // namespace
}  // namespace weir
