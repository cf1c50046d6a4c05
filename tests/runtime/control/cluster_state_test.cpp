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

TEST(ClusterState, KeepsWhatANodeSaysOfEachClassAndOwnCountsOfEach) {
  ClusterState cluster(RankId(0), 2, 1);
  cluster.on_placed(RankId(1), ClassId(1));
  cluster.on_placed(RankId(1), ClassId(1));
  cluster.on_placed(RankId(1), ClassId(0));
  cluster.on_failed(RankId(1), ClassId(1));
  NodeReport report = report_of(1, 1, 3);
  report.classes.push_back({.queued = 5, .running = 2, .limit = 2});
  cluster.apply(report);
  const NodeView& node = cluster.node(RankId(1));
  EXPECT_EQ(node.own_of_class[0], 1u);
  EXPECT_EQ(node.own_of_class[1], 1u);
  EXPECT_EQ(node.classes[0].queued, 3u);
  EXPECT_EQ(node.classes[1].running, 2u);
  EXPECT_EQ(cores_for(node, ClassId(0)), 4);
  EXPECT_EQ(cores_for(node, ClassId(1)), 2);
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

// Home 1 of six ranks in two clusters of three.
ClusterState home_in_tree(TreeOptions options = {.cluster_size = 3}) {
  const CoordinationTree tree({.rank_count = 6, .host_of = {}, .switch_of = {}}, options);
  return {RankId(1), 6, 2, tree.place_of(RankId(1))};
}

std::vector<int> with_capacity(const ClusterView& view) {
  std::vector<int> ranks;
  for (const NodeView& node : view.nodes) {
    if (capacity(node) > 0) ranks.push_back(node.rank.value());
  }
  return ranks;
}

std::vector<EntryCluster> shown(const std::vector<int>& ranks) {
  EntryCluster cluster{.cluster = RankId(3), .shares = {}, .nodes = {}};
  for (const int rank : ranks) cluster.nodes.push_back({.report = report_of(rank, 1, 0)});
  return {cluster};
}

TEST(ClusterState, SeesItsOwnClusterAndWhatItIsShownOfOthers) {
  ClusterState home = home_in_tree();
  EXPECT_EQ(with_capacity(home.view(Instant(1s))), (std::vector<int>{0, 1, 2}));
  home.see(shown({5, 3}));
  EXPECT_EQ(with_capacity(home.view(Instant(1s))), (std::vector<int>{0, 1, 2, 3, 5}));
  EXPECT_EQ(home.view(Instant(1s)).nodes.size(), 5u);
  home.see(shown({4}));
  EXPECT_EQ(with_capacity(home.view(Instant(1s))), (std::vector<int>{0, 1, 2, 4}));
}

TEST(ClusterState, CountsTheHomesOfOtherClustersAtNodesOfItsOwn) {
  const CoordinationTree tree({.rank_count = 6, .host_of = {}, .switch_of = {}},
                              {.cluster_size = 3});
  ClusterState home(RankId(1), 6, 5, tree.place_of(RankId(1)));
  EXPECT_EQ(home.view(Instant(1s)).nodes[0].homes, 3) << "nobody sees another cluster yet";
  home.see(shown({3, 4, 5}));
  for (int node = 0; node < 3; ++node) EXPECT_EQ(home.node(RankId(node)).homes, 5);
}

TEST(ClusterState, CountsHomesThatAreGoneNoLonger) {
  const CoordinationTree tree({.rank_count = 6, .host_of = {}, .switch_of = {}},
                              {.cluster_size = 3});
  ClusterState home(RankId(1), 6, 5, tree.place_of(RankId(1)));
  home.set_homes(std::vector{RankId(1), RankId(2), RankId(4)});
  EXPECT_EQ(home.view(Instant(1s)).dispatcher_count, 3);
  home.see(shown({3, 4, 5}));
  EXPECT_EQ(home.node(RankId(0)).homes, 3);
}

TEST(ClusterState, RemembersANodeThatComesIntoSightAgain) {
  ClusterState home = home_in_tree();
  home.see(shown({5}));
  home.apply(report_of(5, 1, 3));
  home.on_placed(RankId(5), ClassId(0));
  home.see({});
  home.see(shown({5}));
  EXPECT_EQ(home.node(RankId(5)).cores, 4);
  EXPECT_EQ(home.node(RankId(5)).queued, 3u);
  EXPECT_EQ(home.node(RankId(5)).own_in_flight, 1u);
}

TEST(ClusterState, ForgetsANodeOutOfSightUnlessTasksOfItsOwnAreThere) {
  ClusterState home = home_in_tree();
  home.see(shown({4, 5}));
  home.apply(report_of(4, 1, 3));
  home.apply(report_of(5, 1, 3));
  home.on_placed(RankId(5), ClassId(0));
  home.see({});
  EXPECT_EQ(home.node(RankId(4)).rank, kNoRank);
  EXPECT_FALSE(home.apply(report_of(4, 2, 0)));
  EXPECT_EQ(home.node(RankId(5)).own_in_flight, 1u);
  EXPECT_TRUE(home.apply(report_of(5, 2, 0)));
  EXPECT_EQ(with_capacity(home.view(Instant(1s))), (std::vector<int>{0, 1, 2}));
  home.on_ended(RankId(5), ClassId(0), 100ms);
  home.see(shown({3}));
  EXPECT_EQ(home.nodes().size(), 4u);
}

TEST(ClusterState, CountsTasksThatMoveOutOfItsSight) {
  ClusterState home = home_in_tree();
  home.on_placed(RankId(2), ClassId(0));
  home.on_moved(RankId(2), RankId(4), ClassId(0));
  EXPECT_EQ(home.node(RankId(4)).own_in_flight, 1u);
  EXPECT_EQ(with_capacity(home.view(Instant(1s))), (std::vector<int>{0, 1, 2}));
}

TEST(ClusterState, TakesAnyNodeWhereNoneInSightWorks) {
  ClusterState home = home_in_tree();
  NodeReport parked = report_of(0, 1, 0);
  parked.worker_count = 0;
  for (int rank = 0; rank < 3; ++rank) {
    parked.node = RankId(rank);
    home.apply(parked);
  }
  EXPECT_EQ(with_capacity(home.view(Instant(1s))), (std::vector<int>{3, 4, 5}));
}

TEST(ClusterState, ExpectsNothingOfARankThatIsThereToCoordinate) {
  ClusterState home =
      home_in_tree({.cluster_size = 3, .coordinators = CoordinatorRanks::kDedicated});
  EXPECT_EQ(with_capacity(home.view(Instant(1s))), (std::vector<int>{1, 2}));
  home.apply(report_of(1, 1, 0));
  EXPECT_EQ(with_capacity(home.view(Instant(1s))), (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace weir
