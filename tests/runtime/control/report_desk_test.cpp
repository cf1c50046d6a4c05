#include "runtime/control/report_desk.hpp"

#include <gtest/gtest.h>

#include "tests/support/control_fakes.hpp"
#include "tests/support/virtual_cluster.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Counts the reports it hears of.
class ListeningPolicy final : public Policy {
 public:
  RankId place(const TaskView&, const ClusterView& cluster) override { return cluster.self; }
  void on_report(const NodeView& node) override { heard.push_back(node.rank.value()); }
  std::vector<int> heard;
};

// One rank of four, whose coordinator is on rank 0.
struct Rank {
  explicit Rank(int rank)
      : transport(rank, 4),
        executor(RankId(rank), 1, [](const TaskHeader&, RankId) { return ScriptedRun{}; }),
        meter(RankId(rank), {}, executor, telemetry),
        cluster(RankId(rank), 4, 2),
        desk(RankId(rank), {.leaf = RankId(0), .interval = 100ms}, meter, cluster, policy,
             transport, Random(1)) {}

  RecordingTransport transport;
  ScriptedExecutor executor;
  SilentTelemetry telemetry;
  NodeMeter meter;
  ClusterState cluster;
  ListeningPolicy policy;
  ReportDesk desk;
};

NodeReport report_of(int node, std::uint32_t sequence = 1) {
  NodeReport report;
  report.node = RankId(node);
  report.sequence = sequence;
  return report;
}

TEST(ReportDesk, ReportsAtOnceAndThenWhenSomethingChangesOrAtTheHeartbeat) {
  Rank rank(3);
  EXPECT_LE(rank.desk.next_due(Instant(1s)), Instant(1s));
  rank.desk.tell(Instant(1s));
  EXPECT_EQ(rank.transport.take<NodeReport>(0).size(), 1u);
  EXPECT_EQ(rank.policy.heard, std::vector<int>{3}) << "it knows of itself";

  const Instant without_news = rank.desk.next_due(Instant(1s));
  EXPECT_GT(without_news, Instant(1s + 149ms));
  EXPECT_LE(without_news, Instant(1s + 250ms));
  rank.executor.enqueue(tasks_of(0, 1, 2), Instant(1s));
  EXPECT_EQ(rank.desk.next_due(Instant(1s)), without_news - 150ms);
  rank.desk.tell(without_news);
  rank.desk.tell(without_news + 1ms);
  EXPECT_EQ(rank.transport.take<NodeReport>(0).size(), 1u);
}

TEST(ReportDesk, HandsItsReportOverWhereTheCoordinatorIsOnItsRank) {
  Rank rank(0);
  const auto report = rank.desk.tell(Instant(1s));
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->node, RankId(0));
  EXPECT_TRUE(rank.transport.sent.empty());
  EXPECT_FALSE(rank.desk.tell(Instant(1s)).has_value());
}

TEST(ReportDesk, IsDueAtTheHeartbeatEvenWhereThatIsShorterThanTheInterval) {
  Rank rank(3);
  ReportDesk desk(RankId(3), {.leaf = RankId(0), .interval = 1s, .heartbeat = 250ms}, rank.meter,
                  rank.cluster, rank.policy, rank.transport, Random(1));
  desk.tell(Instant(5s));
  desk.tell(Instant(6s));
  EXPECT_TRUE(desk.is_due(Instant(6s + 250ms)));
  EXPECT_EQ(desk.next_due(Instant(6s)), Instant(6s + 250ms));
}

TEST(UsualReportInterval, GrowsWithTheNodesOfACoordinatorUpTo100Milliseconds) {
  EXPECT_EQ(usual_report_interval(4), 20ms);
  EXPECT_EQ(usual_report_interval(32), 64ms);
  EXPECT_EQ(usual_report_interval(10'000), 100ms);
}

TEST(ReportDesk, PassesOverReportsThatAreNotNewer) {
  Rank rank(1);
  rank.desk.on_view({{report_of(2, 5), report_of(3, 1)}});
  rank.desk.on_view({{report_of(2, 5), report_of(3, 2)}});
  EXPECT_EQ(rank.policy.heard, (std::vector<int>{2, 3, 3}));
}

}  // namespace
}  // namespace weir
