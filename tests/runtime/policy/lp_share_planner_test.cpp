#include "runtime/policy/lp_share_planner.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// One entry per class: measured mean service in seconds, and tasks a second that arrive there.
struct ClassInput {
  double service_s = 0;
  double rate_per_s = 0;
  std::uint32_t queued = 0;
};

struct NodeInput {
  std::uint32_t cores = 10;
  double speed = 1;
  std::vector<ClassInput> classes;
};

std::vector<NodeReport> reports_at(const std::vector<NodeInput>& nodes, double time_s) {
  std::vector<NodeReport> reports;
  for (const NodeInput& node : nodes) {
    NodeReport report;
    report.node = RankId(static_cast<std::int32_t>(reports.size()));
    report.sequence = 1;
    report.worker_count = node.cores;
    report.speed = node.speed;
    for (const ClassInput& c : node.classes) {
      report.classes.push_back({.queued = c.queued,
                                .arrived = static_cast<std::uint64_t>(c.rate_per_s * time_s),
                                .mean_service_s = c.service_s});
    }
    reports.push_back(report);
  }
  return reports;
}

// What is planned once the arrivals of a second are known.
Directive plan_for(const std::vector<NodeInput>& nodes, LpShareOptions options = {}) {
  LpSharePlanner planner(options);
  EXPECT_FALSE(planner.plan(reports_at(nodes, 1), Instant(1s)).has_value());
  const auto directive = planner.plan(reports_at(nodes, 2), Instant(2s));
  EXPECT_TRUE(directive.has_value());
  return *directive;
}

// Class 0 is fast on node 0, class 1 on node 1; each brings that many tasks a second.
std::vector<NodeInput> opposite_nodes(double rate_per_s) {
  return {{.classes = {{0.1, rate_per_s / 2}, {0.4, rate_per_s / 2}}},
          {.classes = {{0.4, rate_per_s / 2}, {0.1, rate_per_s / 2}}}};
}

TEST(LpSharePlanner, SendsEachClassWhereItIsMeasuredToBeFast) {
  const Directive directive = plan_for(opposite_nodes(80));
  EXPECT_GT(directive.weights[0][0], 0.99);
  EXPECT_LT(directive.weights[0][1], 0.01);
  EXPECT_LT(directive.weights[1][0], 0.01);
  EXPECT_GT(directive.weights[1][1], 0.99);
}

TEST(LpSharePlanner, FillsTheFastestNodesOnlyUpToTheLimit) {
  // 100 tasks/s of 0.1 s: 10 cores' worth; the fast node may be busy to 90 %.
  const std::vector<NodeInput> nodes = {{.speed = 2, .classes = {{0.1, 50}}},
                                        {.speed = 1, .classes = {{0.2, 50}}}};
  const Directive directive = plan_for(nodes, {.most_busy = 0.9});
  EXPECT_NEAR(directive.weights[0][0], 0.9, 0.01);
  EXPECT_NEAR(directive.weights[0][1], 0.1, 0.01);
}

TEST(LpSharePlanner, LeavesTheLargestMarginWhereThereIsLittleRoom) {
  // 15 cores' worth for 20 cores: 75 % at both, and no more than that is left to choose.
  const std::vector<NodeInput> nodes = {{.speed = 2, .classes = {{0.1, 70}}},
                                        {.speed = 1, .classes = {{0.2, 70}}}};
  const Directive directive = plan_for(nodes, {.most_busy = 0.5});
  EXPECT_NEAR(directive.weights[0][0], 2.0 / 3, 0.02);
  EXPECT_NEAR(directive.weights[0][1], 1.0 / 3, 0.02);
}

TEST(LpSharePlanner, StillPlansWhatMoreArrivesThanCanBeDone) {
  const Directive directive = plan_for(opposite_nodes(1000));
  EXPECT_GT(directive.weights[0][0], 0.99);
  EXPECT_GT(directive.weights[1][1], 0.99);
}

TEST(LpSharePlanner, SparesANodeWithABacklog) {
  std::vector<NodeInput> nodes(2, {.classes = {{0.1, 85}}});
  nodes[1].classes[0].queued = 120;  // 12 s of work, of the 25 s that its cores do in 2.5 s.
  const Directive directive = plan_for(nodes, {.groups = {.drain = 2500ms}});
  EXPECT_NEAR(directive.weights[0][1] / directive.weights[0][0], 0.52, 0.01);
}

TEST(LpSharePlanner, LeavesABacklogMoreTimeWherePlansAreRare) {
  std::vector<NodeInput> nodes(2, {.classes = {{0.1, 85}}});
  nodes[1].classes[0].queued = 120;
  const Directive directive = plan_for(nodes, {.groups = {.drain = 1ms}});  // One plan a second.
  EXPECT_NEAR(directive.weights[0][1] / directive.weights[0][0], 0.52, 0.01);
}

TEST(LpSharePlanner, TakesTheMeanOfNodesThatAreAlike) {
  // By its measured mean the last node is a little faster, by chance; it gets no more for it.
  std::vector<NodeInput> nodes(5, {.classes = {{0.1, 10}}});
  nodes[4].classes[0].service_s = 0.09;
  const Directive directive = plan_for(nodes);
  for (const float weight : directive.weights[0]) EXPECT_NEAR(weight, 0.2, 1e-6);
}

TEST(LpSharePlanner, SeesANodeOfTheSameSpeedThatIsSlowForOneClass) {
  std::vector<NodeInput> nodes(3, {.classes = {{0.1, 20}, {0.1, 20}}});
  nodes[2].classes[1].service_s = 0.3;
  const Directive directive = plan_for(nodes);
  EXPECT_LT(directive.weights[1][2], 0.01);
}

TEST(LpSharePlanner, TakesNominalSpeedForWhatANodeHasNotMeasured) {
  const std::vector<NodeInput> nodes = {{.speed = 1, .classes = {{0.1, 10}}},
                                        {.speed = 4, .classes = {{0, 0}}}};
  EXPECT_GT(plan_for(nodes).weights[0][1], 0.99);
}

TEST(LpSharePlanner, LeavesOutNodesThatHaveNotReportedAndClassesThatDoNotArrive) {
  LpSharePlanner planner({});
  const std::vector<NodeInput> nodes(3, {.classes = {{0.1, 10}, {0.1, 0}}});
  for (int second = 1; second <= 2; ++second) {
    std::vector<NodeReport> reports = reports_at(nodes, second);
    reports[1] = {};
    const auto directive = planner.plan(reports, Instant(second * 1s));
    if (second == 1) continue;
    ASSERT_TRUE(directive.has_value());
    EXPECT_EQ(directive->weights[0][1], 0);
    EXPECT_NEAR(directive->weights[0][2], 0.5, 1e-6);
    EXPECT_TRUE(directive->weights[1].empty());
  }
}

TEST(LpSharePlanner, GivesNoAdviceWithoutArrivals) {
  LpSharePlanner planner({});
  const std::vector<NodeInput> nodes(2, {.classes = {{0.1, 0}}});
  EXPECT_FALSE(planner.plan(reports_at(nodes, 1), Instant(1s)).has_value());
  EXPECT_FALSE(planner.plan(reports_at(nodes, 2), Instant(2s)).has_value());
}

TEST(LpSharePlanner, PlansAThousandNodesThatAllDifferInGroups) {
  Random random(3);
  std::vector<NodeInput> nodes(1000);
  for (NodeInput& node : nodes) {
    node.speed = 0.5 + random.uniform();
    for (int i = 0; i < kMaxClasses; ++i) node.classes.push_back({0.02 + random.uniform(), 1});
  }
  const Directive directive = plan_for(nodes);
  ASSERT_EQ(directive.weights.size(), static_cast<std::size_t>(kMaxClasses));
  for (const auto& of_class : directive.weights) {
    EXPECT_NEAR(std::accumulate(of_class.begin(), of_class.end(), 0.0), 1, 1e-3);
  }
}

class TwiceAsMany final : public ArrivalOutlook {
 public:
  void foretell(std::span<const double>, Instant, std::span<double> rates_per_s) override {
    for (double& rate : rates_per_s) rate *= 2;
  }
};

TEST(LpSharePlanner, PlansForTheArrivalsThatAreForetold) {
  // Node 0 is better for the class, and enough for 50 a second.
  const auto nodes_at = [](double rate_per_s) {
    return std::vector<NodeInput>{{.classes = {{0.1, rate_per_s}}}, {.classes = {{0.15, 0}}}};
  };
  TwiceAsMany outlook;
  LpSharePlanner planner({});
  planner.plan_for(outlook);
  planner.plan(reports_at(nodes_at(60), 1), Instant(1s));
  const auto directive = planner.plan(reports_at(nodes_at(60), 2), Instant(2s));
  ASSERT_TRUE(directive.has_value());
  EXPECT_EQ(directive->weights, plan_for(nodes_at(120)).weights);
  EXPECT_NE(directive->weights, plan_for(nodes_at(60)).weights);
}

}  // namespace
}  // namespace weir
