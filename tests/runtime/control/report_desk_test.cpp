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

// One rank of four; the first two place tasks.
struct Rank {
  explicit Rank(int rank, ReportDeskOptions options = {.interval = 100ms, .dispatcher_count = 2})
      : transport(rank, 4),
        executor(RankId(rank), 1, [](const TaskHeader&, RankId) { return ScriptedRun{}; }),
        meter(RankId(rank), {}, executor, telemetry),
        cluster(RankId(rank), 4, 2),
        desk(RankId(rank), options, meter, cluster, policy, transport, Random(1)) {}

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

TEST(ReportDesk, ReportsToTheRelayAtOnceAndThenWhenSomethingChangesOrAtTheHeartbeat) {
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

TEST(ReportDesk, PassesReportsOnToThoseThatPlaceTasks) {
  Rank relay(0);
  relay.desk.on_report(report_of(2));
  relay.desk.on_report(report_of(3));
  relay.desk.tell(Instant(1s));
  const auto views = relay.transport.take<MergedView>(1);
  ASSERT_EQ(views.size(), 1u);
  EXPECT_EQ(views[0].reports.size(), 3u) << "the relay's own too";
  EXPECT_TRUE(relay.transport.sent.empty()) << "ranks 2 and 3 place nothing";
  EXPECT_EQ(relay.policy.heard, (std::vector<int>{0, 2, 3}));
}

TEST(ReportDesk, PassesReportsOnToAllWhereNodesLookForWork) {
  Rank relay(0, {.interval = 100ms, .dispatcher_count = 1, .all_read = true});
  relay.desk.tell(Instant(1s));
  for (int rank = 1; rank < 4; ++rank) {
    EXPECT_EQ(relay.transport.take<MergedView>(rank).size(), 1u) << rank;
  }
}

TEST(ReportDesk, HoldsReportsBackForAQuarterOfTheInterval) {
  Rank relay(0);
  relay.desk.tell(Instant(1s));
  relay.transport.sent.clear();
  relay.desk.on_report(report_of(2));
  EXPECT_EQ(relay.desk.next_due(Instant(1s)), Instant(1s + 25ms));
  relay.desk.tell(Instant(1s + 24ms));
  EXPECT_TRUE(relay.transport.sent.empty());
  relay.desk.tell(Instant(1s + 25ms));
  EXPECT_EQ(relay.transport.take<MergedView>(1).size(), 1u);
}

TEST(ReportDesk, PassesOverReportsThatAreNotNewer) {
  Rank rank(1);
  rank.desk.on_view({{report_of(2, 5), report_of(3, 1)}});
  rank.desk.on_view({{report_of(2, 5), report_of(3, 2)}});
  EXPECT_EQ(rank.policy.heard, (std::vector<int>{2, 3, 3}));
}

TEST(ReportDeskDeathTest, RefusesAReportOnARankThatIsNotTheRelay) {
  Rank rank(1);
  EXPECT_DEATH(rank.desk.on_report(report_of(2)), "not the relay");
}

}  // namespace
}  // namespace weir
