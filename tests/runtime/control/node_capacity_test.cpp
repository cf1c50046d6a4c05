#include "runtime/control/node_capacity.hpp"

#include <gtest/gtest.h>

#include "runtime/exec/emulated_executor.hpp"
#include "runtime/exec/parkable_executor.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Four workers of speed 2, called back at once; every task takes a second.
struct Node {
  ParkableExecutor executor{
      make_emulated_executor(
          ServiceModel(EmulationSpec::parse("nodes=4x1;work_ms=1000;size=deterministic"), 0, 1))
          .executor,
      0s, Instant(1000s)};
  AbsentTelemetry telemetry;
  NodeMeter meter{RankId(0), {.speed = 2, .class_count = 2}, executor, telemetry};
  NodeCapacity capacity{8, 2, executor, meter};
};

TEST(NodeCapacity, TellsWhatItsHomeWasGivenAndWhatItRuns) {
  Node node;
  for (int i = 0; i < 3; ++i) node.capacity.on_submitted(ClassId(1));
  node.capacity.on_completed(ClassId(1));
  node.meter.on_ended(ClassId(1), 1500ms);
  std::vector<Task> tasks(2);
  for (Task& task : tasks) task.header.task_class = ClassId(1);
  node.executor.enqueue(std::move(tasks), Instant(1000s));
  const CapacityReport report = node.capacity.report(Instant(1000s));
  EXPECT_EQ(report.sequence, 1U);
  EXPECT_EQ(report.installed, 8);
  ASSERT_EQ(report.classes.size(), 2U);
  EXPECT_EQ(report.classes[0].submitted, 0U);
  EXPECT_EQ(report.classes[1].submitted, 3U);
  EXPECT_EQ(report.classes[1].in_flight, 2U);
  EXPECT_EQ(report.classes[1].running, 2U);
  EXPECT_EQ(report.classes[1].served, 1U);
  EXPECT_EQ(report.classes[1].work_s, 3.0) << "1.5 s at speed 2";
}

TEST(NodeCapacity, ReportsOnceASecondHoweverLateASecondIsNoticed) {
  Node node;
  EXPECT_LE(node.capacity.next_due(), Instant(1000s));
  node.capacity.report(Instant(1000s));
  EXPECT_EQ(node.capacity.next_due(), Instant(1001s));
  node.capacity.report(Instant(1001s + 30ms));
  EXPECT_EQ(node.capacity.next_due(), Instant(1002s));
  // After a long stop seconds begin anew.
  node.capacity.report(Instant(1020s + 30ms));
  EXPECT_EQ(node.capacity.next_due(), Instant(1021s + 30ms));
}

TEST(NodeCapacity, IsParkedAndCalledBackAsItIsOrdered) {
  Node node;
  node.capacity.on_order({1, 0}, Instant(1001s));
  EXPECT_EQ(node.executor.worker_count(), 0);
  node.capacity.on_order({2, 8}, Instant(1002s));
  EXPECT_EQ(node.executor.worker_count(), 4);
}

TEST(NodeCapacity, HeedsNoOrderThatANewerOneHasOvertaken) {
  Node node;
  node.capacity.on_order({2, 8}, Instant(1001s));
  node.capacity.on_order({1, 0}, Instant(1002s));
  EXPECT_EQ(node.executor.worker_count(), 4);
}

TEST(NodeCapacity, ComesBackWhenNobodySpeaksToItAnyMore) {
  Node node;
  node.capacity.report(Instant(1000s));
  node.capacity.on_order({1, 0}, Instant(1001s));
  node.capacity.on_order({2, 0}, Instant(1002s));
  node.capacity.end_silence(Instant(1011s + 500ms));
  EXPECT_EQ(node.executor.worker_count(), 0) << "it was told again at 1002 s";
  node.capacity.end_silence(Instant(1002s) + NodeCapacity::kLongestSilence);
  EXPECT_EQ(node.executor.worker_count(), 4);
}

TEST(NodeCapacity, TellsOfTheNextAnnouncedRiseUntilItIsOver) {
  Node node;
  node.capacity.on_announced({ClassId(1), Instant(1030s), Instant(1040s)});
  node.capacity.on_announced({ClassId(1), Instant(1050s), Instant(1060s)});
  EXPECT_EQ(node.capacity.report(Instant(1010s)).classes[1].event_in_s, 20);
  EXPECT_EQ(node.capacity.report(Instant(1035s)).classes[1].event_in_s, -5) << "it lasts";
  EXPECT_EQ(node.capacity.report(Instant(1040s)).classes[1].event_in_s, 10);
  EXPECT_FALSE(node.capacity.report(Instant(1060s)).classes[1].event_in_s);
  EXPECT_FALSE(node.capacity.report(Instant(1060s)).classes[0].event_in_s);
}

}  // namespace
}  // namespace weir
