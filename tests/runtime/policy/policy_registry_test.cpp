#include "runtime/policy/policy_registry.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "runtime/base/error.hpp"
#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

std::string refusal_of(std::string_view name) {
  try {
    make_policy(name, {});
  } catch (const Error& error) {
    return error.report();
  }
  return "accepted";
}

// The last line of a refusal, up to the list of all names.
std::string suggestion_for(std::string_view name) {
  const std::string report = refusal_of(name);
  const std::string last_line = report.substr(report.find("\n  try     ") + 11);
  return last_line.substr(0, last_line.find(" (all:"));
}

TEST(PolicyRegistry, ListsEveryClassicalPolicyOnce) {
  std::set<std::string_view> names;
  for (const PolicyInfo& info : policy_catalogue()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_FALSE(info.description.empty()) << info.name;
  }
  EXPECT_EQ(names, (std::set<std::string_view>{
                       "static", "round_robin", "weighted_round_robin", "random", "weighted_random",
                       "power_of_two", "weighted_power_of_two", "join_shortest_queue",
                       "weighted_least_connections", "weighted_least_connections_class_aware",
                       "least_outstanding", "join_idle_queue", "join_fastest_idle",
                       "join_fastest_idle_class_aware", "join_fastest_idle_local",
                       "join_fastest_idle_local_class_aware", "shortest_expected_delay",
                       "prequal", "late_binding", "late_binding_class_aware", "work_stealing"}));
}

TEST(PolicyRegistry, MakesEveryListedPolicyAloneAndWithWorkStealing) {
  ClusterInput cluster = equal_nodes(5, 2);
  cluster.nodes[0].cores = 0;
  cluster.dispatcher_count = 3;
  for (const PolicyInfo& info : policy_catalogue()) {
    const std::unique_ptr<Policy> alone = make_policy(info.name, {.home = RankId(1)});
    EXPECT_EQ(alone->steals(), info.name == "work_stealing") << info.name;
    const std::unique_ptr<Policy> stealing =
        make_policy(std::string(info.name) + "+work_stealing", {.home = RankId(1)});
    EXPECT_TRUE(stealing->steals()) << info.name;
    EXPECT_EQ(choices(*alone, cluster, 40), choices(*stealing, cluster, 40)) << info.name;
    for (const int rank : choices(*alone, cluster, 40)) {
      EXPECT_TRUE(rank >= 1 && rank < 5) << info.name;  // Rank 0 has no capacity.
    }
  }
}

TEST(PolicyRegistry, GivesEachHomeChancesOfItsOwn) {
  const ClusterInput cluster = equal_nodes(20);
  const std::unique_ptr<Policy> home0 = make_policy("random", {.seed = 3, .home = RankId(0)});
  const std::unique_ptr<Policy> again = make_policy("random", {.seed = 3, .home = RankId(0)});
  const std::unique_ptr<Policy> home1 = make_policy("random", {.seed = 3, .home = RankId(1)});
  const std::vector<int> chosen = choices(*home0, cluster, 40);
  EXPECT_EQ(choices(*again, cluster, 40), chosen);
  EXPECT_NE(choices(*home1, cluster, 40), chosen);
}

TEST(PolicyRegistry, AsksForTokensWhereOwnCountsAreTooCoarse) {
  EXPECT_FALSE(make_policy("join_fastest_idle_local", {})->wants_tokens());
  EXPECT_FALSE(make_policy("join_fastest_idle_local",
                           {.home = RankId(0), .dispatcher_count = 2, .min_node_cores = 4})
                   ->wants_tokens());
  EXPECT_TRUE(make_policy("join_fastest_idle_local",
                          {.home = RankId(0), .dispatcher_count = 3, .min_node_cores = 4})
                  ->wants_tokens());
}

TEST(PolicyRegistry, RefusesAnUnknownNameAndNamesAll) {
  const std::string report = refusal_of("zzz");
  EXPECT_NE(report.find("unknown policy 'zzz'\n  found   'zzz'\n"), std::string::npos) << report;
  EXPECT_NE(report.find("NAME+work_stealing"), std::string::npos) << report;
  for (const PolicyInfo& info : policy_catalogue()) {
    EXPECT_NE(report.find(info.name), std::string::npos) << report;
  }
}

TEST(PolicyRegistry, SuggestsTheNamesThatComeClose) {
  EXPECT_EQ(suggestion_for("shortest_expected_dealy"), "shortest_expected_delay");
  EXPECT_EQ(suggestion_for("Round-Robin"), "round_robin, weighted_round_robin");
  EXPECT_EQ(suggestion_for("sed"), "shortest_expected_delay");
  EXPECT_EQ(suggestion_for("outstanding+work_stealing"), "least_outstanding");
}

TEST(PolicyRegistry, RefusesStealingTwiceOrWithoutAPolicy) {
  EXPECT_NE(refusal_of("+work_stealing"), "accepted");
  EXPECT_NE(refusal_of("random+work_stealing+work_stealing"), "accepted");
}

}  // namespace
}  // namespace weir
