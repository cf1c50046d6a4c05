#include "runtime/control/coordinator.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/control/immediate_advisor.hpp"
#include "tests/support/control_fakes.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

NodeReport report_of(int node, std::uint32_t sequence = 1) {
  NodeReport report;
  report.node = RankId(node);
  report.sequence = sequence;
  return report;
}

// A coordinator, and what it has said since the last call of take().
struct Sitting {
  Sitting(CoordinatorRole role, const CoordinatorOptions& options, Advisor* advisor = nullptr)
      : coordinator(std::move(role), options, advisor) {}

  void hear(NodeReport report, Instant now = Instant(1s)) {
    coordinator.on(report, report.node, now, out);
  }

  // What was said to that rank, of one type; the rest is forgotten.
  template <typename M>
  std::vector<M> take(int rank) {
    std::vector<M> taken;
    for (const Outgoing& each : out) {
      const M* message = std::get_if<M>(&each.message);
      if (each.to == RankId(rank) && message != nullptr) taken.push_back(*message);
    }
    return taken;
  }

  Coordinator coordinator;
  Coordinator::Out out;
};

// Four nodes with a coordinator of their own; the first two place tasks.
Sitting flat_of_four(CoordinatorOptions options = {.interval = 100ms, .dispatcher_count = 2}) {
  return {flat_tree_place(RankId(0), 4).roles.front(), options};
}

TEST(Coordinator, PassesReportsOnToThoseThatPlaceTasks) {
  Sitting relay = flat_of_four();
  for (const int node : {2, 3, 0}) relay.hear(report_of(node));
  relay.coordinator.tell(Instant(1s), relay.out);
  ASSERT_EQ(relay.out.size(), 2u) << "ranks 2 and 3 place nothing";
  const auto views = relay.take<MergedView>(1);
  ASSERT_EQ(views.size(), 1u);
  ASSERT_EQ(views[0].reports.size(), 3u);
  EXPECT_EQ(views[0].reports[0].node, RankId(2)) << "in the order they came";
  EXPECT_EQ(relay.take<MergedView>(0).size(), 1u) << "the node on its own rank too";
}

TEST(Coordinator, PassesReportsOnToAllWhereNodesLookForWork) {
  Sitting relay = flat_of_four({.interval = 100ms, .dispatcher_count = 1, .all_read = true});
  relay.hear(report_of(0));
  relay.coordinator.tell(Instant(1s), relay.out);
  for (int rank = 0; rank < 4; ++rank) EXPECT_EQ(relay.take<MergedView>(rank).size(), 1u) << rank;
}

TEST(Coordinator, PassesOnTheNewestReportOfEachNodeOnce) {
  Sitting relay = flat_of_four();
  relay.hear(report_of(2, 1));
  relay.hear(report_of(0, 4));
  relay.hear(report_of(2, 3));
  relay.hear(report_of(2, 2));  // Overtaken.
  relay.coordinator.tell(Instant(1s), relay.out);
  const MergedView view = relay.take<MergedView>(1).at(0);
  ASSERT_EQ(view.reports.size(), 2u);
  EXPECT_EQ(view.reports[0].node, RankId(2));
  EXPECT_EQ(view.reports[0].sequence, 3u);
  EXPECT_EQ(relay.coordinator.next_due(), kNever);
}

TEST(Coordinator, HoldsReportsBackForAQuarterOfTheInterval) {
  Sitting relay = flat_of_four();
  relay.hear(report_of(3));
  relay.coordinator.tell(Instant(1s), relay.out);
  relay.hear(report_of(2));
  EXPECT_EQ(relay.coordinator.next_due(), Instant(1s + 25ms));
  relay.out.clear();
  relay.coordinator.tell(Instant(1s + 24ms), relay.out);
  EXPECT_TRUE(relay.out.empty());
  relay.coordinator.tell(Instant(1s + 25ms), relay.out);
  EXPECT_EQ(relay.take<MergedView>(1).size(), 1u);
}

TEST(CoordinatorDeathTest, RefusesAReportOfARankThatIsNotItsChild) {
  Sitting relay = flat_of_four();
  EXPECT_DEATH(relay.hear(report_of(4)), "not its child");
}

NodeReport working(int node, std::uint32_t sequence, std::uint32_t workers = 4) {
  NodeReport report = report_of(node, sequence);
  report.worker_count = workers;
  report.classes = {{.queued = 1, .running = 2, .arrived = 10 * sequence, .mean_service_s = 0.1}};
  return report;
}

constexpr CoordinatorOptions kInTree{
    .interval = 100ms, .advice_interval = 100ms, .lifetime_ticks = 3, .dispatcher_count = 2};

// Nodes 3, 4 and 5, whose coordinator is on rank 3 and reports to rank 0.
Sitting leaf_of_three(CoordinatorOptions options = kInTree) {
  return {{.level = 1,
           .rank = RankId(3),
           .parent = RankId(0),
           .children = {RankId(3), RankId(4), RankId(5)}},
          options};
}

// Over the clusters of ranks 0 and 3.
Sitting root_of_two(CoordinatorOptions options = kInTree, Advisor* advisor = nullptr) {
  return {{.level = 2, .rank = RankId(0), .children = {RankId(0), RankId(3)}}, options, advisor};
}

// What the coordinator of that cluster reports when its only node has so many workers.
void hear_cluster(Sitting& above, int cluster, int node, std::uint32_t workers, Instant now) {
  Sitting below(
      {.level = 1, .rank = RankId(cluster), .parent = RankId(0), .children = {RankId(node)}},
      kInTree);
  below.hear(working(node, 1, workers), now);
  below.coordinator.tell(now, below.out);
  for (auto report : below.take<SubtreeReport>(0)) {
    above.coordinator.on(report, RankId(cluster), now, above.out);
  }
  for (auto entries : below.take<EntryNodes>(0)) {
    above.coordinator.on(entries, RankId(cluster), now, above.out);
  }
}

TEST(CoordinatorInTree, ReportsItsNodesAsOneAndShowsThoseWithRoom) {
  Sitting leaf = leaf_of_three();
  for (int node = 3; node < 6; ++node) leaf.hear(working(node, 1));
  leaf.coordinator.tell(Instant(1s), leaf.out);
  const auto reports = leaf.take<SubtreeReport>(0);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].worker_count, 12u);
  EXPECT_EQ(reports[0].changed.at(0).load.queued, 3u);
  const auto entries = leaf.take<EntryNodes>(0);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].clusters.at(0).cluster, RankId(3));
  EXPECT_EQ(entries[0].clusters.at(0).nodes.size(), 3u);
  EXPECT_TRUE(leaf.take<MergedView>(3).empty()) << "nobody there places tasks";
}

TEST(CoordinatorInTree, ReportsOncePerQuarterOfTheIntervalAndOnlyIfSomethingCame) {
  Sitting leaf = leaf_of_three();
  for (int node = 3; node < 6; ++node) leaf.hear(working(node, 1));
  leaf.coordinator.tell(Instant(1s), leaf.out);
  leaf.out.clear();
  leaf.coordinator.tell(Instant(2s), leaf.out);
  EXPECT_TRUE(leaf.out.empty());
  leaf.hear(working(4, 2));
  leaf.coordinator.tell(Instant(2s), leaf.out);
  leaf.hear(working(4, 3));
  leaf.coordinator.tell(Instant(2s + 24ms), leaf.out);
  EXPECT_EQ(leaf.take<SubtreeReport>(0).size(), 1u);
  leaf.coordinator.tell(Instant(2s + 25ms), leaf.out);
  EXPECT_EQ(leaf.take<SubtreeReport>(0).size(), 2u);
}

TEST(CoordinatorInTree, FirstReportsWhenAllNodesHaveSpokenOrAfterAnInterval) {
  Sitting leaf = leaf_of_three();
  leaf.hear(working(3, 1));
  leaf.hear(working(4, 1));
  leaf.coordinator.tell(Instant(1s), leaf.out);
  EXPECT_TRUE(leaf.take<SubtreeReport>(0).empty());
  EXPECT_LE(leaf.coordinator.next_due(), Instant(1s + 100ms));
  leaf.hear(working(5, 1));
  leaf.coordinator.tell(Instant(1s), leaf.out);
  EXPECT_EQ(leaf.take<SubtreeReport>(0).size(), 1u);
}

TEST(CoordinatorInTree, DividesTasksOverClustersByCapacityWithoutAPlan) {
  Sitting root = root_of_two();
  hear_cluster(root, 0, 1, 4, Instant(1s));
  hear_cluster(root, 3, 4, 12, Instant(1s));
  root.coordinator.tell(Instant(1s), root.out);
  const auto told = root.take<Outlook>(0);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].lifetime, 300ms);
  EXPECT_FLOAT_EQ(told[0].own_shares.at(0), 0.25F);
  ASSERT_EQ(told[0].others.size(), 1u);
  EXPECT_FLOAT_EQ(told[0].others[0].shares.at(0), 0.75F);
  EXPECT_EQ(told[0].others[0].nodes.at(0).report.node, RankId(4));
  EXPECT_TRUE(root.take<Outlook>(3).empty()) << "no home is there";
}

// Of the cluster of rank 3, so many nodes.
EntryNodes entries_of_three(std::size_t nodes) {
  EntryCluster cluster{.cluster = RankId(3), .shares = {1}, .nodes = {}};
  for (std::size_t i = 0; i < nodes; ++i) {
    cluster.nodes.push_back({.report = working(static_cast<int>(3 + i), 1), .weights = {}});
  }
  return {.clusters = {std::move(cluster)}};
}

TEST(CoordinatorInTree, HoldsWhatFewOtherNodesSaidBackForAQuarterOfTheInterval) {
  Sitting root = root_of_two();
  hear_cluster(root, 0, 1, 4, Instant(1s));
  hear_cluster(root, 3, 4, 12, Instant(1s));
  root.coordinator.tell(Instant(1s), root.out);
  hear_cluster(root, 3, 5, 12, Instant(1s + 1ms));
  root.coordinator.tell(Instant(1s + 24ms), root.out);
  EXPECT_EQ(root.take<Outlook>(0).size(), 1u);
  root.coordinator.tell(Instant(1s + 25ms), root.out);
  EXPECT_EQ(root.take<Outlook>(0).size(), 2u);
}

TEST(CoordinatorInTree, TellsOfOtherNodesLessOftenTheMoreThereAreDownToOnceInAnInterval) {
  using Case = std::pair<std::size_t, Duration>;
  for (const auto& [nodes, pause] : {Case(512, 50ms), Case(5'000, 100ms)}) {
    Sitting root = root_of_two();
    hear_cluster(root, 0, 1, 4, Instant(1s));
    hear_cluster(root, 3, 4, 12, Instant(1s));
    EntryNodes many = entries_of_three(nodes);
    root.coordinator.on(many, RankId(3), Instant(1s), root.out);
    root.coordinator.tell(Instant(1s), root.out);
    EntryNodes again = entries_of_three(nodes);
    root.coordinator.on(again, RankId(3), Instant(1s), root.out);
    root.coordinator.tell(Instant(1s) + pause - 1ms, root.out);
    EXPECT_EQ(root.take<Outlook>(0).size(), 1u) << nodes;
    root.coordinator.tell(Instant(1s) + pause, root.out);
    EXPECT_EQ(root.take<Outlook>(0).size(), 2u) << nodes;
  }
}

// Always the same weights.
class FixedPlanner final : public Planner {
 public:
  explicit FixedPlanner(Directive directive) : directive_(std::move(directive)) {}
  std::optional<Directive> plan(std::span<const NodeReport>, Instant) override {
    return directive_;
  }

 private:
  Directive directive_;
};

TEST(CoordinatorInTree, DividesTasksOverClustersAsPlannedUntilThePlanIsOld) {
  ImmediateAdvisor advisor(
      std::make_unique<FixedPlanner>(Directive{.lifetime = {}, .weights = {{1, 9}}}));
  Sitting root = root_of_two(kInTree, &advisor);
  hear_cluster(root, 0, 1, 4, Instant(1s));
  hear_cluster(root, 3, 4, 12, Instant(1s));
  root.coordinator.ask_advisor(Instant(1s));
  root.coordinator.hand_out_advice(Instant(1s), root.out);
  EXPECT_TRUE(root.out.empty()) << "homes hear of it in the outlook";
  root.coordinator.tell(Instant(1s), root.out);
  EXPECT_FLOAT_EQ(root.take<Outlook>(0).at(0).own_shares.at(0), 0.1F);
  root.out.clear();
  hear_cluster(root, 3, 5, 12, Instant(2s));
  root.coordinator.tell(Instant(2s), root.out);
  EXPECT_FLOAT_EQ(root.take<Outlook>(0).at(0).own_shares.at(0), 0.25F);
}

TEST(CoordinatorInTree, MultipliesTheSharesOfTheLevelsAndPassesOnWhatIsBeyond) {
  Sitting middle(
      {.level = 2, .rank = RankId(1), .parent = RankId(0), .children = {RankId(1), RankId(3)}},
      kInTree);
  hear_cluster(middle, 1, 1, 4, Instant(1s));
  hear_cluster(middle, 3, 4, 4, Instant(1s));
  middle.coordinator.tell(Instant(1s), middle.out);
  EXPECT_TRUE(middle.take<Outlook>(1).empty()) << "it has not heard from above";
  const auto up = middle.take<EntryNodes>(0);
  ASSERT_EQ(up.size(), 1u);
  ASSERT_EQ(up[0].clusters.size(), 1u) << "its clusters are one to those above";
  EXPECT_EQ(up[0].clusters[0].cluster, RankId(1));
  ASSERT_EQ(up[0].clusters[0].nodes.size(), 2u);
  EXPECT_FLOAT_EQ(up[0].clusters[0].nodes[1].weights.at(0), 0.5F) << "of what goes to this part";

  Outlook from_above{.lifetime = 300ms,
                     .own_shares = {0.5F},
                     .others = {{.cluster = RankId(7), .shares = {0.5F}, .nodes = {}}}};
  middle.coordinator.on(from_above, RankId(0), Instant(1s), middle.out);
  middle.coordinator.tell(Instant(1s + 100ms), middle.out);
  const auto down = middle.take<Outlook>(1);
  ASSERT_EQ(down.size(), 1u);
  EXPECT_EQ(down[0].lifetime, 200ms) << "no longer than what it goes by";
  EXPECT_FLOAT_EQ(down[0].own_shares.at(0), 0.25F);
  ASSERT_EQ(down[0].others.size(), 2u);
  EXPECT_FLOAT_EQ(down[0].others[0].shares.at(0), 0.25F);
  EXPECT_EQ(down[0].others[1].cluster, RankId(7));
}

TEST(CoordinatorInTree, SaysNothingOfTheOthersWhenTheOneAboveIsSilent) {
  Sitting middle({.level = 2, .rank = RankId(1), .parent = RankId(0), .children = {RankId(1)}},
                 kInTree);
  Outlook from_above{.lifetime = 300ms, .own_shares = {1}, .others = {}};
  middle.coordinator.on(from_above, RankId(0), Instant(1s), middle.out);
  hear_cluster(middle, 1, 1, 4, Instant(2s));
  middle.coordinator.tell(Instant(2s), middle.out);
  EXPECT_TRUE(middle.take<Outlook>(1).empty());
  EXPECT_EQ(middle.take<SubtreeReport>(0).size(), 1u);
}

TEST(CoordinatorInTree, TellsClustersThatReportAndNoSilentOnes) {
  CoordinatorOptions options = kInTree;
  options.longest_silence = 1s;
  options.dispatcher_count = 4;  // One of each cluster.
  Sitting root = root_of_two(options);
  hear_cluster(root, 0, 1, 4, Instant(1s));
  hear_cluster(root, 3, 4, 4, Instant(1s));
  root.coordinator.tell(Instant(1s), root.out);
  EXPECT_EQ(root.take<Outlook>(3).size(), 1u);
  root.out.clear();
  SubtreeReport again{.sequence = 2, .made = Instant(3s), .worker_count = 4};
  root.coordinator.on(again, RankId(0), Instant(3s), root.out);
  root.coordinator.tell(Instant(3s), root.out);
  EXPECT_EQ(root.take<Outlook>(0).size(), 1u);
  EXPECT_TRUE(root.take<Outlook>(3).empty()) << "silent for two seconds";
}

TEST(CoordinatorInTree, PassesLimitsOnToChildrenThatReportAndNoSilentOnes) {
  CoordinatorOptions options = kInTree;
  options.longest_silence = 1s;
  Sitting middle(
      {.level = 2, .rank = RankId(1), .parent = RankId(0), .children = {RankId(1), RankId(3)}},
      options);
  hear_cluster(middle, 1, 1, 4, Instant(3s));
  hear_cluster(middle, 3, 4, 4, Instant(1s));
  ContentionOutlook limits;
  middle.coordinator.on(limits, RankId(0), Instant(3s), middle.out);
  EXPECT_EQ(middle.take<ContentionOutlook>(1).size(), 1u);
  EXPECT_TRUE(middle.take<ContentionOutlook>(3).empty()) << "silent for two seconds";
}

TEST(CoordinatorInTree, ShowsHomesDifferentNodesOfAnotherCluster) {
  Sitting leaf({.level = 1,
                .rank = RankId(0),
                .parent = RankId(9),
                .children = {RankId(0), RankId(1), RankId(2)}},
               kInTree);
  EntryCluster other{.cluster = RankId(9), .shares = {1}, .nodes = {}, .stands_for = 16};
  for (int node = 10; node < 26; ++node) other.nodes.push_back({.report = working(node, 1)});
  // Eight clusters, so that there is no room for more of each.
  Outlook outlook{
      .lifetime = 300ms, .own_shares = {0}, .others = std::vector<EntryCluster>(8, other)};
  leaf.coordinator.on(outlook, RankId(9), Instant(1s), leaf.out);
  const auto first = leaf.take<Outlook>(0).at(0).others.at(0).nodes;
  const auto second = leaf.take<Outlook>(1).at(0).others.at(0).nodes;
  EXPECT_EQ(first.size(), 8u);
  EXPECT_EQ(second.size(), 8u);
  for (const EntryNode& node : first) {
    EXPECT_TRUE(std::ranges::none_of(
        second, [&](const EntryNode& each) { return each.report.node == node.report.node; }));
  }
  EXPECT_TRUE(leaf.take<Outlook>(2).empty()) << "it places nothing";
}

}  // namespace
}  // namespace weir
