#include "runtime/policy/priced_shortest_expected_delay_policy.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kClass = 0;

// Nodes of 16 cores at which the class takes these services.
ClusterInput nodes_with_services(const std::vector<double>& services_s) {
  ClusterInput cluster = equal_nodes(services_s.size(), 16);
  for (std::size_t i = 0; i < services_s.size(); ++i) {
    cluster.nodes[i].mean_service_s[kClass] = services_s[i];
  }
  return cluster;
}

void place_own(NodeView& node, std::uint32_t count) {
  node.own_in_flight += count;
  node.own_of_class[kClass] += count;
}

RankId choice(const ClusterInput& cluster, std::vector<float> prices = {},
              PricedShortestExpectedDelayOptions options = {}, TaskView task = {}) {
  PricedShortestExpectedDelayPolicy policy(options);
  policy.on_directive({.prices = std::move(prices)});
  return policy.place(task, cluster.view());
}

TEST(PricedShortestExpectedDelay, TakesTheFastestNodeForTheClassWithoutADirective) {
  EXPECT_EQ(choice(nodes_with_services({0.2, 0.1, 0.3})), RankId(1));
}

TEST(PricedShortestExpectedDelay, SparesANodeWhoseCoresOthersNeedMore) {
  const ClusterInput cluster = nodes_with_services({0.1, 0.12});
  EXPECT_EQ(choice(cluster, {0.2F, 0}, {.price = 0.5}), RankId(0));
  EXPECT_EQ(choice(cluster, {0.5F, 0}, {.price = 0.5}), RankId(1));
  EXPECT_EQ(choice(cluster, {0.5F, 0}, {.price = 0}), RankId(0));
}

TEST(PricedShortestExpectedDelay, IsOnItsOwnAgainWhenDirectivesStayAway) {
  PricedShortestExpectedDelayPolicy policy({});
  const ClusterInput cluster = nodes_with_services({0.1, 0.12});
  policy.on_directive({.prices = {4, 0}});
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(1));
  policy.on_directive_expired();
  EXPECT_EQ(policy.place({}, cluster.view()), RankId(0));
}

TEST(PricedShortestExpectedDelay, HasItsPlacesAtANodeAndNoMore) {
  ClusterInput cluster = nodes_with_services({0.1, 0.12});
  place_own(cluster.nodes[0], 7);
  EXPECT_EQ(choice(cluster), RankId(0));  // The eighth of 16 places for two homes.
  place_own(cluster.nodes[0], 1);
  EXPECT_EQ(choice(cluster), RankId(1));
}

TEST(PricedShortestExpectedDelay, DividesCoresAmongTheHomesWithoutRemainder) {
  // However many homes there are, all of them together have as many places as there are cores.
  for (const int homes : {1, 2, 3, 5, 7, 8}) {
    int places = 0;
    for (int home = 0; home < homes; ++home) {
      ClusterInput cluster = nodes_with_services({0.1, 0.1001});
      cluster.self = RankId(home);
      cluster.dispatcher_count = homes;
      while (choice(cluster) == RankId(0)) {
        place_own(cluster.nodes[0], 1);
        ++places;
      }
    }
    EXPECT_EQ(places, 16) << homes;
  }
}

TEST(PricedShortestExpectedDelay, GoesByReportsWhereAHomeWouldHaveNextToNoPlaces) {
  ClusterInput cluster = nodes_with_services({0.1, 0.12});
  cluster.dispatcher_count = 16;
  cluster.nodes[0].running = 10;
  EXPECT_EQ(choice(cluster), RankId(0));
  cluster.nodes[0].running = 16;
  EXPECT_EQ(choice(cluster), RankId(1));
}

// Eight homes and nodes of four cores: half of the homes have a place at each.
ClusterInput small_nodes(int home) {
  ClusterInput cluster = equal_nodes(8, 4);
  for (NodeView& node : cluster.nodes) node.mean_service_s[kClass] = 0.1;
  cluster.dispatcher_count = 8;
  cluster.self = RankId(home);
  return cluster;
}

TEST(PricedShortestExpectedDelay, SpreadsHomesOverNodesTooSmallForAPlaceOfEach) {
  std::map<RankId, int> homes_at;
  for (int home = 0; home < 8; ++home) ++homes_at[choice(small_nodes(home))];
  for (const auto& [node, count] : homes_at) EXPECT_LE(count, 4) << "as many as it has cores";
}

TEST(PricedShortestExpectedDelay, FollowsTheReportWhereItHasNoPlaceOfItsOwn) {
  for (int home = 0; home < 8; ++home) {
    ClusterInput cluster = small_nodes(home);
    for (NodeView& node : cluster.nodes) place_own(node, 1);
    for (NodeView& node : cluster.nodes) node.running = node.queued = 4;
    cluster.nodes[5].queued = 0;
    EXPECT_EQ(choice(cluster), RankId(5));
  }
}

TEST(PricedShortestExpectedDelay, PaysForMoreOfAClassThanANodeBears) {
  ClusterInput cluster = nodes_with_services({0.1, 0.12});
  cluster.nodes[0].classes[kClass].limit = 6;
  place_own(cluster.nodes[0], 2);
  EXPECT_EQ(choice(cluster), RankId(0));
  place_own(cluster.nodes[0], 1);
  EXPECT_EQ(choice(cluster), RankId(1));
  EXPECT_EQ(choice(cluster, {}, {.memory = 0}), RankId(0));
  // The price is finite: a node that is far slower is no way out.
  cluster.nodes[1].mean_service_s[kClass] = 1;
  EXPECT_EQ(choice(cluster), RankId(0));
}

TEST(PricedShortestExpectedDelay, WaitsWhereThePricedWaitIsLeastWhenAllAreFull) {
  ClusterInput cluster = nodes_with_services({0.1, 0.15});
  place_own(cluster.nodes[0], 8);
  place_own(cluster.nodes[1], 8);
  EXPECT_EQ(choice(cluster), RankId(0));
  place_own(cluster.nodes[0], 8);
  EXPECT_EQ(choice(cluster), RankId(1));
}

TEST(PricedShortestExpectedDelay, ForgetsThePriceOnlyForATaskInAHurry) {
  const ClusterInput cluster = nodes_with_services({0.1, 0.12});
  const std::vector<float> prices{0.5F, 0};
  TaskView task;
  task.slack = 10s;
  EXPECT_EQ(choice(cluster, prices, {.lateness = 1}, task), RankId(1));
  task.slack = 150ms;
  EXPECT_EQ(choice(cluster, prices, {.lateness = 1}, task), RankId(0));
  EXPECT_EQ(choice(cluster, prices, {.lateness = 0}, task), RankId(1));
}

TEST(PricedShortestExpectedDelay, NeverChoosesANodeOutOfSight) {
  ClusterInput cluster = nodes_with_services({0.1, 0.2});
  cluster.nodes[0].cores = 0;
  EXPECT_EQ(choice(cluster), RankId(1));
}

// Only two of a thousand homes place tasks at node 0.
TEST(PricedShortestExpectedDelay, DividesANodeAmongTheHomesThatUseIt) {
  ClusterInput cluster = nodes_with_services({0.1, 0.12});
  cluster.dispatcher_count = 1000;
  cluster.nodes[1].homes = 1000;
  cluster.nodes[0].homes = 2;
  place_own(cluster.nodes[0], 7);
  EXPECT_EQ(choice(cluster), RankId(0));  // The eighth of 16 places for two homes.
}

}  // namespace
}  // namespace weir
