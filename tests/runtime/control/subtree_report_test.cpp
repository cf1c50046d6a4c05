#include "runtime/control/subtree_report.hpp"

#include <gtest/gtest.h>

#include "runtime/protocol/codec.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

NodeReport node_with(std::uint32_t workers, double speed, std::vector<ClassLoad> classes) {
  NodeReport report;
  report.sequence = 1;
  report.worker_count = workers;
  report.speed = speed;
  report.classes = std::move(classes);
  return report;
}

TEST(MergedReport, IsASumOfCountsAndAMeanOverTheWorkers) {
  const std::vector<NodeReport> children{
      node_with(2, 1, {{.queued = 3, .running = 2, .arrived = 10, .completed = 5}}),
      NodeReport{.worker_count = 100},  // has not reported
      node_with(6, 2, {{.queued = 1, .running = 6, .arrived = 20, .completed = 13}, {}})};
  const NodeReport merged = merged_report(children);
  EXPECT_EQ(merged.worker_count, 8u);
  EXPECT_EQ(merged.speed, 14.0 / 8);
  ASSERT_EQ(merged.classes.size(), 2u);
  EXPECT_EQ(merged.classes[0].queued, 4u);
  EXPECT_EQ(merged.classes[0].running, 8u);
  EXPECT_EQ(merged.classes[0].arrived, 30u);
  EXPECT_EQ(merged.classes[0].completed, 18u);
}

TEST(MergedReport, CompletesAsMuchOfAClassAsItsNodesTogether) {
  const NodeReport merged = merged_report(std::vector<NodeReport>{
      node_with(4, 1, {{.mean_service_s = 0.5}}), node_with(4, 1, {{.mean_service_s = 0.25}}),
      node_with(9, 1, {{}})});  // has not seen the class
  // 4 workers complete 8 tasks a second, the others 16.
  EXPECT_DOUBLE_EQ(merged.classes[0].mean_service_s, 8.0 / 24);
}

TEST(SubtreeReport, TellsOnlyTheClassesThatChanged) {
  SubtreeReporter reporter;
  NodeReport merged = node_with(8, 1, {{.queued = 1}, {.queued = 2}, {.queued = 3}});
  EXPECT_EQ(reporter.next(merged, Instant(1s)).changed.size(), 3u);
  EXPECT_TRUE(reporter.next(merged, Instant(1s)).changed.empty());
  merged.classes[1].queued = 7;
  const SubtreeReport report = reporter.next(merged, Instant(1s));
  ASSERT_EQ(report.changed.size(), 1u);
  EXPECT_EQ(report.changed[0].task_class, ClassId(1));
  EXPECT_EQ(report.changed[0].load.queued, 7u);
}

TEST(SubtreeReport, BringsTheReceiverUpToDateAndMakesALostOneGood) {
  SubtreeReporter reporter;
  NodeReport merged = node_with(8, 1, {{.queued = 1}, {.queued = 2}});
  NodeReport known;
  EXPECT_TRUE(apply(reporter.next(merged, Instant(1s)), known));
  EXPECT_EQ(known.classes[1].queued, 2u);
  merged.classes[1].queued = 9;
  reporter.next(merged, Instant(2s));  // Lost.
  for (int i = 0; i < 8; ++i) apply(reporter.next(merged, Instant(3s)), known);
  EXPECT_EQ(known.classes[1].queued, 9u);
}

TEST(SubtreeReport, ThatIsNotNewerChangesNothing) {
  SubtreeReporter reporter;
  NodeReport known;
  const SubtreeReport first = reporter.next(node_with(8, 1, {{.queued = 1}}), Instant(1s));
  const SubtreeReport second = reporter.next(node_with(4, 1, {{.queued = 5}}), Instant(1s));
  EXPECT_TRUE(apply(second, known));
  EXPECT_FALSE(apply(first, known));
  EXPECT_FALSE(apply(second, known));
  EXPECT_EQ(known.classes[0].queued, 5u);
  EXPECT_EQ(known.worker_count, 4u);
}

TEST(SubtreeReport, FitsItsBytesWhateverTheNumbersAreAndEveryClassHasItsTurn) {
  SubtreeReporter reporter;
  NodeReport known;
  NodeReport merged = node_with(UINT32_MAX, 1, {});
  merged.classes.assign(kMaxClasses, {.queued = UINT32_MAX,
                                      .running = UINT32_MAX,
                                      .arrived = UINT64_MAX,
                                      .completed = UINT64_MAX,
                                      .mean_service_s = 0.5});
  for (int i = 0; i < 4; ++i) {
    const SubtreeReport report = reporter.next(merged, Instant(1s));
    EXPECT_LE(encode(report, 1, Instant(2s)).head.size(), kMostSubtreeBytes);
    apply(report, known);
  }
  for (const ClassLoad& load : known.classes) EXPECT_EQ(load.arrived, UINT64_MAX);
}

TEST(SubtreeReport, OfThreeClassesTakesLessThanAHundredBytes) {
  SubtreeReporter reporter;
  const ClassLoad load{.queued = 200,
                       .running = 1500,
                       .arrived = 900'000,
                       .completed = 900'000,
                       .mean_service_s = 1};
  const SubtreeReport report = reporter.next(node_with(1600, 1, {load, load, load}), Instant(1s));
  EXPECT_LE(encode(report, 1, Instant(2s)).head.size(), 100u);
}

}  // namespace
}  // namespace weir
