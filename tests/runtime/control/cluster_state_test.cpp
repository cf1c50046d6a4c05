#include "runtime/control/cluster_state.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

NodeReport report_of(int node, std::uint32_t sequence, std::uint32_t queued) {
  NodeReport report;
  report.node = RankId(node);
  report.sequence = sequence;
  report.worker_count = 4;
  report.speed = 2;
  report.made = Instant(1s);
  report.classes = {{.queued = queued, .running = 1, .mean_service_s = 0.25}};
  return report;
}

TEST(ClusterState, TakesOverTheNewestReportOnly) {
  ClusterState cluster(RankId(0), 3, 1);
  EXPECT_TRUE(cluster.apply(report_of(2, 5, 7)));
  EXPECT_FALSE(cluster.apply(report_of(2, 4, 99)));
  const NodeView& node = cluster.node(RankId(2));
  EXPECT_EQ(node.queued, 7u);
  EXPECT_EQ(node.running, 1u);
  EXPECT_EQ(node.cores, 4);
  EXPECT_EQ(node.speed, 2);
  EXPECT_EQ(node.mean_service_s[0], 0.25);
}

TEST(ClusterState, TakesNodesThatHaveNotReportedToBeLikeItsOwn) {
  ClusterState cluster(RankId(0), 3, 1);
  NodeReport other = report_of(2, 1, 0);
  other.worker_count = 16;
  cluster.apply(other);
  cluster.apply(report_of(0, 1, 0));
  EXPECT_EQ(cluster.node(RankId(1)).cores, 4);
  EXPECT_EQ(cluster.node(RankId(1)).speed, 2);
  EXPECT_EQ(cluster.node(RankId(2)).cores, 16);
}

TEST(ClusterState, CountsOwnTasksAfreshAfterAReportButNotThoseInFlight) {
  ClusterState cluster(RankId(0), 2, 1);
  cluster.on_placed(RankId(1), ClassId(0));
  cluster.on_placed(RankId(1), ClassId(0));
  cluster.apply(report_of(1, 1, 0));
  cluster.on_placed(RankId(1), ClassId(0));
  EXPECT_EQ(cluster.node(RankId(1)).own_in_flight, 3u);
  EXPECT_EQ(cluster.node(RankId(1)).own_since_report, 1u);
}

TEST(ClusterState, MovesAnInFlightCountWithTheTask) {
  ClusterState cluster(RankId(0), 3, 1);
  cluster.on_placed(RankId(1), ClassId(0));
  cluster.on_moved(RankId(1), RankId(2), ClassId(0));
  EXPECT_EQ(cluster.node(RankId(1)).own_in_flight, 0u);
  EXPECT_EQ(cluster.node(RankId(2)).own_in_flight, 1u);
}

TEST(ClusterState, MeasuresByItsOwnCompletionsUntilTheNodeReports) {
  ClusterState cluster(RankId(0), 2, 1);
  cluster.on_placed(RankId(1), ClassId(0));
  cluster.on_ended(RankId(1), ClassId(0), 500ms);
  EXPECT_DOUBLE_EQ(cluster.node(RankId(1)).mean_service_s[0], 0.5);
  cluster.apply(report_of(1, 1, 0));
  cluster.on_placed(RankId(1), ClassId(0));
  cluster.on_ended(RankId(1), ClassId(0), 500ms);
  EXPECT_DOUBLE_EQ(cluster.node(RankId(1)).mean_service_s[0], 0.25);
}

TEST(ClusterState, TellsHowOldReportsAre) {
  ClusterState cluster(RankId(0), 2, 3);
  cluster.apply(report_of(1, 1, 0));
  const ClusterView view = cluster.view(Instant(3s));
  EXPECT_EQ(view.nodes[1].report_age, 2s);
  EXPECT_EQ(view.dispatcher_count, 3);
  EXPECT_EQ(view.self, RankId(0));
}

TEST(ClusterStateDeathTest, NoticesAnEndThatWasNeverPlaced) {
  ClusterState cluster(RankId(0), 2, 1);
  EXPECT_DEATH(cluster.on_failed(RankId(1), ClassId(0)), "more tasks came back");
}

}  // namespace
}  // namespace weir
