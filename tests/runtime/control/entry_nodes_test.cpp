#include "runtime/control/entry_nodes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace weir {
namespace {

// Nodes of ten workers with so many tasks each.
std::vector<NodeReport> nodes_with_tasks(const std::vector<std::uint32_t>& tasks) {
  std::vector<NodeReport> reports;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    NodeReport report;
    report.node = RankId(static_cast<std::int32_t>(100 + i));
    report.sequence = 1;
    report.worker_count = 10;
    report.classes = {{.running = tasks[i]}};
    reports.push_back(report);
  }
  return reports;
}

std::vector<int> ranks_of(const std::vector<EntryNode>& nodes) {
  std::vector<int> ranks;
  for (const EntryNode& node : nodes) ranks.push_back(node.report.node.value());
  return ranks;
}

TEST(EntryNodes, AreNoneThatCannotTakeTasks) {
  auto reports = nodes_with_tasks({1, 2, 3});
  reports[0].worker_count = 0;
  reports[2].sequence = 0;
  EXPECT_EQ(ranks_of(entry_nodes_of(reports, nullptr, {.all = 4})), std::vector<int>{101});
}

TEST(EntryNodes, CarryWhatTheirClusterPlansForThem) {
  const Directive plan{
      .weights = {{1, 2}, {}}, .prices = {0, 0.5F}, .log_prices = {{0, 0.25F}, {-0.5F}}};
  const auto nodes = entry_nodes_of(nodes_with_tasks({1, 1}), &plan, {.all = 1});
  EXPECT_EQ(nodes[1].weights, (std::vector<float>{2, 0}));
  EXPECT_EQ(nodes[1].price, 0.5F);
  EXPECT_EQ(nodes[1].log_prices, (std::vector<float>{0.25F, 0}));
}

// Of a cluster whose nodes have one task each.
EntryCluster cluster_of(std::size_t count, const HomeCounts& homes = {.all = 8}) {
  return {.cluster = RankId(100),
          .shares = {1},
          .nodes = entry_nodes_of(nodes_with_tasks(std::vector<std::uint32_t>(count, 1)), nullptr,
                                  homes),
          .stands_for = static_cast<std::uint32_t>(count)};
}

TEST(EntryNodes, OfSeveralPartsStandForAllOfThemAndShareWhatGoesToTheirPart) {
  const EntryCluster busy = cluster_of(20);
  EntryCluster idle = busy;
  for (EntryNode& node : idle.nodes) {
    node.report.node = RankId(node.report.node.value() + 100);
    node.report.classes[0].running = 0;
  }
  const std::vector<EntryCluster> parts{busy, idle};
  const std::vector<std::vector<float>> shares{{0.25F}, {0.75F}};
  const EntryCluster all = merged_entries(parts, shares, RankId(7));
  EXPECT_EQ(all.cluster, RankId(7));
  EXPECT_EQ(all.stands_for, 40U);
  ASSERT_EQ(all.nodes.size(), 40U);
  EXPECT_FLOAT_EQ(all.nodes.back().weights.at(0), 0.75F / 20);
  EXPECT_FLOAT_EQ(all.nodes.front().weights.at(0), 0.25F / 20);
}

TEST(EntryNodes, OfSeveralPartsAreThoseWithMostRoomWhereTheyAreTooMany) {
  std::vector<EntryCluster> parts(2 * kMostMergedNodes / 50, cluster_of(50));
  for (std::size_t part = 0; part < parts.size(); part += 2) {
    for (EntryNode& node : parts[part].nodes) node.report.classes[0].running = 9;
  }
  const std::vector<std::vector<float>> shares(parts.size(), {1.0F / 80});
  const EntryCluster all = merged_entries(parts, shares, RankId(7));
  EXPECT_EQ(all.stands_for, 50 * parts.size());
  ASSERT_EQ(all.nodes.size(), kMostMergedNodes);
  const auto is_busy = [](const EntryNode& node) { return node.report.classes[0].running == 9; };
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count_if(all.nodes, is_busy)),
            kMostMergedNodes - parts.size() / 2 * 50);
}

TEST(EntryNodes, AreMoreOfEachWhereThereAreFewClusters) {
  for (const auto& [clusters, each] : {std::pair(1U, 32U), {4U, 16U}, {100U, 1U}}) {
    const std::vector<EntryCluster> others(clusters, cluster_of(32));
    EXPECT_EQ(seen_from(RankId(3), others, 8, 8).back().nodes.size(), each) << clusters;
  }
}

TEST(EntryNodes, AreMoreOfWhatStandsForMore) {
  EntryCluster many = cluster_of(64);
  many.stands_for = 64 * 7;
  const auto seen = seen_from(RankId(3), std::vector<EntryCluster>{cluster_of(64), many}, 8, 512);
  EXPECT_EQ(seen[0].nodes.size(), 16U);
  EXPECT_EQ(seen[1].nodes.size(), 64U) << "all that are shown, of 112";
}

TEST(EntryNodes, AreSeenOfAClusterThatSaysItStandsForNone) {
  EntryCluster wrong = cluster_of(16);
  wrong.stands_for = 0;
  const std::vector<EntryCluster> clusters{wrong, EntryCluster{.cluster = RankId(5)}};
  const auto seen = seen_from(RankId(0), clusters, 8, 50);
  EXPECT_EQ(seen[0].nodes.size(), 16u);
  EXPECT_TRUE(seen[1].nodes.empty());
}

TEST(EntryNodes, AreEnoughForFewHomesOfALargeJob) {
  const std::vector<EntryCluster> others(25, cluster_of(32));
  EXPECT_EQ(seen_from(RankId(3), others, 8, 800).front().nodes.size(), 8U);
}

TEST(EntryNodes, ComeWithTheNumberOfHomesThatSeeThem) {
  for (const std::size_t count : {7u, 9u, 20u, 31u}) {
    const EntryCluster cluster = cluster_of(count);
    const std::vector<EntryCluster> crowd(8, cluster);
    std::map<RankId, int> seen;
    std::map<RankId, float> told;
    for (int home = 0; home < 8; ++home) {
      const EntryCluster own = seen_from(RankId(home), crowd, 8, 8).front();
      for (const EntryNode& node : own.nodes) {
        ++seen[node.report.node];
        told[node.report.node] = node.homes;
      }
    }
    for (const auto& [node, homes] : told) EXPECT_EQ(homes, static_cast<float>(seen[node]));
  }
}

TEST(EntryNodes, SayHowManyHomesPlaceTasksThere) {
  const EntryCluster cluster = cluster_of(16, {.all = 10, .here = 4});
  const auto seen = seen_from(RankId(0), std::vector<EntryCluster>(8, cluster), 10, 10);
  for (const EntryNode& node : seen.front().nodes) {
    EXPECT_FLOAT_EQ(node.homes, 4 + 6 * 0.5F) << "the others see half of them";
  }
}

// Homes are told how many of them share a node of another cluster; of the own one they have to know
// it themselves. Here all nodes are homes, in four clusters.
TEST(EntryNodes, OfTheOwnClusterAreSharedWithAllWhoAreShownThem) {
  for (const std::size_t size : {8u, 23u, 32u, 64u}) {
    const int count = static_cast<int>(4 * size);
    const HomeCounts counts{.all = count, .here = static_cast<int>(size)};
    const std::vector<EntryCluster> others(3, cluster_of(size, counts));
    double told = 0;
    int seen = 0;
    for (int home = 0; home < count; ++home) {
      const auto shown = seen_from(RankId(home), others, count, count);
      for (const EntryNode& node : shown.front().nodes) {
        told += node.homes;
        ++seen;
      }
    }
    // Some of them have one home more than others.
    EXPECT_NEAR(homes_at_own_nodes(counts, size, others, count), told / seen, 1) << size;
  }
}

TEST(EntryNodes, OfASmallClusterAreSharedWithMostHomesOfLargeOnes) {
  const std::vector<EntryCluster> others(2, cluster_of(64));
  // 64 of 74 nodes are shown to a home of a large cluster.
  EXPECT_EQ(homes_at_own_nodes({.all = 138, .here = 10}, 10, others, 138), 10 + 128 * 0.9);
}

TEST(EntryNodes, OfTheOwnClusterAreSharedWithAllWhereAllNodesAreSeen) {
  const std::vector<EntryCluster> others(29, cluster_of(3));  // dedicated coordinators: 3 of 4 work
  EXPECT_EQ(homes_at_own_nodes({.all = 90, .here = 3}, 3, others, 120), 90);
  EXPECT_EQ(homes_at_own_nodes({.all = 32, .here = 10}, 10, {others.data(), 4}, 50), 32);
  EXPECT_EQ(homes_at_own_nodes({.all = 8, .here = 8}, 10, {others.data(), 4}, 50), 8);
  EXPECT_EQ(homes_at_own_nodes({.all = 8, .here = 4}, 10, {}, 50), 8) << "nobody else works";
}

TEST(EntryNodes, AreDifferentForDifferentHomesAsFarAsThereAreEnough) {
  for (const std::size_t count : {1u, 7u, 8u, 9u, 10u, 31u, 32u}) {
    const EntryCluster cluster = cluster_of(count);
    // So many clusters that a home sees eight of each.
    const std::vector<EntryCluster> crowd(8, cluster);
    std::multiset<int> seen;
    for (int home = 0; home < 8; ++home) {
      const EntryCluster own = seen_from(RankId(home), crowd, 8, 8).front();
      EXPECT_EQ(own.nodes.size(), std::min<std::size_t>(count, 8));
      const auto ranks = ranks_of(own.nodes);
      EXPECT_EQ(std::set<int>(ranks.begin(), ranks.end()).size(), ranks.size());
      seen.insert(ranks.begin(), ranks.end());
    }
    // All are seen, and none by more than one home more than another.
    const auto times = [&](int i) { return seen.count(static_cast<int>(100 + i)); };
    std::size_t least = 8, most = 0;
    for (std::size_t i = 0; i < count; ++i) {
      least = std::min(least, times(static_cast<int>(i)));
      most = std::max(most, times(static_cast<int>(i)));
    }
    EXPECT_GE(least, 1u) << count;
    EXPECT_LE(most, least + 1) << count;
  }
}

}  // namespace
}  // namespace weir
