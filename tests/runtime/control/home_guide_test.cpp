#include "runtime/control/home_guide.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Six ranks in two clusters of three.
TreePlace place_of(int rank) {
  return CoordinationTree({.rank_count = 6, .host_of = {}, .switch_of = {}}, {.cluster_size = 3})
      .place_of(RankId(rank));
}

EntryNode entry(int rank, std::vector<float> weights, float price = 0) {
  EntryNode node{.report = {}, .weights = std::move(weights), .price = price};
  node.report.node = RankId(rank);
  node.report.sequence = 1;
  node.report.worker_count = 4;
  return node;
}

Outlook outlook(Duration lifetime) {
  return {.lifetime = lifetime,
          .own_shares = {0.25F},
          .others = {{.cluster = RankId(3),
                      .shares = {0.75F},
                      .nodes = {entry(3, {1}), entry(5, {2}, 0.5F)}}}};
}

struct Home {
  Home() : cluster(RankId(1), 6, 2, place_of(1)), guide(place_of(1)) {}
  ClusterState cluster;
  HomeGuide guide;
};

TEST(HomeGuide, MultipliesSharesOfClustersWithWeightsOfNodes) {
  Home home;
  home.guide.on_directive({.lifetime = 1s, .weights = {{1, 0, 1}}, .prices = {2, 0, 0}},
                          Instant(1s));
  EXPECT_FALSE(home.guide.directive(home.cluster, Instant(1s)).has_value());
  home.guide.on_outlook(outlook(300ms), Instant(1s));
  const auto directive = home.guide.directive(home.cluster, Instant(1s));
  ASSERT_TRUE(directive.has_value());
  EXPECT_EQ(directive->weights,
            (std::vector<std::vector<float>>{{0.125F, 0, 0.125F, 0.25F, 0, 0.5F}}));
  EXPECT_EQ(directive->prices, (std::vector<float>{2, 0, 0, 0, 0, 0.5F}));
}

TEST(HomeGuide, DividesByCapacityWhereAClusterHasNoPlanForAClass) {
  Home home;
  home.guide.on_directive({.lifetime = 1s, .weights = {{}}}, Instant(1s));
  Outlook blind = outlook(300ms);
  for (EntryNode& node : blind.others[0].nodes) node.weights.clear();
  home.guide.on_outlook(blind, Instant(1s));
  const auto directive = home.guide.directive(home.cluster, Instant(1s));
  ASSERT_TRUE(directive.has_value());
  EXPECT_FLOAT_EQ(directive->weights[0][3], 0.375F);
  EXPECT_FLOAT_EQ(directive->weights[0][5], 0.375F);
}

TEST(HomeGuide, PutsLogPricesOfAllClustersInTheOrderOfRanks) {
  Home home;
  home.guide.on_directive({.lifetime = 500ms, .weights = {{1}}, .log_prices = {{0.1F, 0, -0.2F}}},
                          Instant(1s));
  Outlook beside = outlook(300ms);
  beside.others[0].nodes[1].log_prices = {0.3F, -0.4F};
  home.guide.on_outlook(beside, Instant(1s));
  EXPECT_EQ(
      home.guide.directive(home.cluster, Instant(1s))->log_prices,
      (std::vector<std::vector<float>>{{0.1F, 0, -0.2F, 0, 0, 0.3F}, {0, 0, 0, 0, 0, -0.4F}}));
  EXPECT_FALSE(home.guide.directive(home.cluster, Instant(1300ms)).has_value()) << "it has expired";
}

TEST(HomeGuide, HoldsAsLongAsBothPartsDo) {
  Home home;
  home.guide.on_directive({.lifetime = 500ms, .weights = {{1, 1, 1}}}, Instant(1s));
  home.guide.on_outlook(outlook(300ms), Instant(1s));
  EXPECT_EQ(home.guide.expires(), Instant(1300ms));
  EXPECT_TRUE(home.guide.directive(home.cluster, Instant(1299ms)).has_value());
  EXPECT_FALSE(home.guide.directive(home.cluster, Instant(1300ms)).has_value());
}

TEST(HomeGuide, PassesOnWhatTheOnlyClusterSays) {
  const TreePlace flat = flat_tree_place(RankId(1), 3);
  const ClusterState cluster(RankId(1), 3, 2, flat);
  HomeGuide guide(flat);
  guide.on_directive({.lifetime = 1s, .weights = {{1, 2, 3}}}, Instant(1s));
  EXPECT_EQ(guide.directive(cluster, Instant(1s))->weights[0], (std::vector<float>{1, 2, 3}));
}

}  // namespace
}  // namespace weir
