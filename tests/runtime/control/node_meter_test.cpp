#include "runtime/control/node_meter.hpp"

#include <gtest/gtest.h>

#include "tests/support/control_fakes.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Node 2 with two workers; each task takes 10 ms.
struct Node {
  explicit Node(NodeMeterOptions options = {.speed = 1.5, .class_count = 2})
      : meter(RankId(2), options, executor, telemetry) {}

  void run(int count, Duration from, Duration to) {
    executor.enqueue(tasks_of(0, 1, count), Instant(from));
    std::vector<TaskEnd> ended;
    executor.take_ended(Instant(to), ended);
  }

  ScriptedExecutor executor{RankId(2), 2,
                            [](const TaskHeader&, RankId) { return ScriptedRun{10ms}; }};
  SilentTelemetry telemetry;
  NodeMeter meter;
};

TEST(NodeMeter, SaysWhoItIsAndNumbersItsReports) {
  Node node;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    const NodeReport report = node.meter.report(Instant(i * 1s));
    EXPECT_EQ(report.node, RankId(2));
    EXPECT_EQ(report.sequence, i);
    EXPECT_EQ(report.made, Instant(i * 1s));
    EXPECT_EQ(report.worker_count, 2u);
    EXPECT_EQ(report.speed, 1.5);
    EXPECT_EQ(report.classes.size(), 2u);
  }
}

TEST(NodeMeter, CountsArrivalsAndCompletionsOfEachClass) {
  Node node;
  for (int i = 0; i < 5; ++i) node.meter.on_arrived(ClassId(1));
  node.meter.on_ended(ClassId(1), 1ms);
  node.meter.on_arrived(ClassId(0));
  const NodeReport report = node.meter.report(Instant(1s));
  EXPECT_EQ(report.classes[0].arrived, 1u);
  EXPECT_EQ(report.classes[0].completed, 0u);
  EXPECT_EQ(report.classes[1].arrived, 5u);
  EXPECT_EQ(report.classes[1].completed, 1u);
}

TEST(NodeMeter, AveragesTheFirstServiceTimesEvenly) {
  Node node;
  node.meter.on_ended(ClassId(0), 10ms);
  node.meter.on_ended(ClassId(0), 20ms);
  node.meter.on_ended(ClassId(0), 60ms);
  const NodeReport report = node.meter.report(Instant(1s));
  EXPECT_NEAR(report.classes[0].mean_service_s, 0.030, 1e-12);
  EXPECT_EQ(report.classes[1].mean_service_s, 0);
}

TEST(NodeMeter, FollowsAChangeOfServiceTimes) {
  Node node;
  for (int i = 0; i < 3000; ++i) node.meter.on_ended(ClassId(0), 10ms);
  for (int i = 0; i < 300; ++i) node.meter.on_ended(ClassId(0), 20ms);
  EXPECT_NEAR(node.meter.report(Instant(1s)).classes[0].mean_service_s, 0.019, 0.001);
  for (int i = 0; i < 20'000; ++i) node.meter.on_ended(ClassId(0), 20ms);
  EXPECT_NEAR(node.meter.report(Instant(2s)).classes[0].mean_service_s, 0.020, 1e-6);
}

TEST(NodeMeter, SeesAChangeOfPaceInEveryClassByTheTasksOfAny) {
  Node node;
  for (int i = 0; i < 3000; ++i) {
    node.meter.on_ended(ClassId(0), 10ms);
    node.meter.on_ended(ClassId(1), 40ms);
  }
  for (int i = 0; i < 300; ++i) node.meter.on_ended(ClassId(0), 20ms);
  EXPECT_NEAR(node.meter.report(Instant(1s)).classes[1].mean_service_s, 0.062, 0.003);
}

TEST(NodeMeter, TellsASlowStateByItsLevelWhereItIsAskedTo) {
  Node node({.class_count = 2, .detects_regime = true});
  Instant now(1s);
  const auto end_tasks = [&](int count, Duration service) {
    for (int i = 0; i < count; ++i, now += 5ms) {
      node.meter.on_ended(ClassId(static_cast<std::uint8_t>(i % 2)), service);
      node.meter.look_at_running(now);
    }
  };
  end_tasks(2000, 10ms);
  end_tasks(60, 20ms);
  EXPECT_NEAR(node.meter.report(Instant(1s)).classes[1].mean_service_s, 0.020, 0.001);
  end_tasks(100, 10ms);
  EXPECT_NEAR(node.meter.report(Instant(1s)).classes[1].mean_service_s, 0.010, 0.001);
}

TEST(NodeMeter, ReportsTheShareOfWorkerTimeSinceTheLastReport) {
  Node node;
  node.meter.report(Instant(1s));
  node.run(4, 1s, 1100ms);  // 40 ms of work in 100 ms of two workers.
  EXPECT_NEAR(node.meter.report(Instant(1100ms)).busy_share, 0.2, 1e-9);
  EXPECT_EQ(node.meter.report(Instant(1200ms)).busy_share, 0);
  EXPECT_EQ(node.meter.report(Instant(1200ms)).busy_share, 0) << "no time has passed";
}

TEST(NodeMeter, HasChangedUntilItHasReportedOnce) {
  Node node;
  EXPECT_TRUE(node.meter.changed(Instant{}));
  node.meter.report(Instant(1s));
  EXPECT_FALSE(node.meter.changed(Instant(1s)));
}

TEST(NodeMeter, HasChangedWhenSomethingEndedWaitsOrRuns) {
  Node node;
  node.meter.report(Instant(1s));
  node.meter.on_ended(ClassId(0), 1ms);
  EXPECT_TRUE(node.meter.changed(Instant(1s)));
  node.meter.report(Instant(1s));
  EXPECT_FALSE(node.meter.changed(Instant(1s)));

  node.executor.enqueue(tasks_of(0, 1, 1), Instant(1s));
  EXPECT_TRUE(node.meter.changed(Instant(1s))) << "one runs";
  node.meter.report(Instant(1s));
  node.executor.enqueue(tasks_of(0, 2, 1), Instant(1s));
  node.meter.report(Instant(1s));
  node.executor.enqueue(tasks_of(0, 3, 1), Instant(1s));
  EXPECT_TRUE(node.meter.changed(Instant(1s))) << "one waits";
  EXPECT_EQ(node.meter.report(Instant(1s)).classes[0].queued, 1u);
}

TEST(NodeMeterDeathTest, RefusesMoreClassesThanThereAre) {
  EXPECT_DEATH(Node({.class_count = kMaxClasses + 1}), "too many classes");
}

constexpr NodeMeterOptions kTellsRegime{.class_count = 1, .detects_regime = true};

TEST(NodeMeter, SaysNothingOfAClassOfWhichFewHaveEnded) {
  Node node(kTellsRegime);
  for (int i = 0; i < 15; ++i) node.meter.on_ended(ClassId(0), 10ms);
  EXPECT_EQ(node.meter.report(Instant(1s)).classes[0].mean_service_s, 0);
  node.meter.on_ended(ClassId(0), 10ms);
  EXPECT_GT(node.meter.report(Instant(2s)).classes[0].mean_service_s, 0);
}

// Two run, for 8 ms until then.
TEST(NodeMeter, CountsWhatStillRunsWhileFewHaveEnded) {
  Node node(kTellsRegime);
  for (int i = 0; i < 16; ++i) node.meter.on_ended(ClassId(0), 10ms);
  const double before = node.meter.report(Instant(1s)).classes[0].mean_service_s;
  node.executor.enqueue(tasks_of(0, 1, 2), Instant(1s));
  const double while_running = node.meter.report(Instant(1s + 8ms)).classes[0].mean_service_s;
  EXPECT_NEAR(while_running - before, 0.001, 1e-9);
}

}  // namespace
}  // namespace weir
