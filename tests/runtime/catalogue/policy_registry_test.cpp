#include "runtime/catalogue/policy_registry.hpp"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "tests/support/policy_inputs.hpp"
#include "tests/support/refusal.hpp"

namespace weir {
namespace {

std::string refusal_of(std::string_view name) {
  return refusal([&] { make_policy(name, {}); });
}

// The last line of a refusal, up to the list of all names.
std::string suggestion_for(std::string_view name) {
  const std::string report = refusal_of(name);
  const std::string last_line = report.substr(report.find("\n  try     ") + 11);
  return last_line.substr(0, last_line.find(" (all:"));
}

TEST(PolicyRegistry, ListsEveryPolicyOnce) {
  std::set<std::string_view> names;
  for (const PolicyInfo& info : policy_catalogue()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_FALSE(info.description.empty()) << info.name;
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"static",
                                               "round_robin",
                                               "weighted_round_robin",
                                               "random",
                                               "weighted_random",
                                               "square_root_random",
                                               "power_of_two",
                                               "weighted_power_of_two",
                                               "peak_ewma",
                                               "heterogeneity_aware_jiq_d",
                                               "heterogeneity_aware_jsq_d",
                                               "stochastic_water_filling",
                                               "load_interpretation",
                                               "join_shortest_queue",
                                               "weighted_least_connections",
                                               "weighted_least_connections_class_aware",
                                               "least_outstanding",
                                               "least_outstanding_class_aware",
                                               "join_idle_queue",
                                               "join_idle_queue_class_aware",
                                               "join_fastest_idle",
                                               "join_fastest_idle_class_aware",
                                               "join_fastest_idle_local",
                                               "join_fastest_idle_local_class_aware",
                                               "shortest_expected_delay",
                                               "shortest_expected_delay_class_blind",
                                               "first_policy_improvement",
                                               "first_policy_improvement_class_aware",
                                               "lp_shares",
                                               "lp_shares_fastest_idle",
                                               "tree",
                                               "learned",
                                               "max_weight",
                                               "lp_shares",
                                               "lp_shares_fastest_idle",
                                               "tabular_q_learning",
                                               "genetic_algorithm",
                                               "particle_swarm",
                                               "lp_shares",
                                               "lp_shares_fastest_idle",
                                               "prequal",
                                               "priced_shortest_expected_delay",
                                               "late_binding",
                                               "late_binding_class_aware",
                                               "local",
                                               "work_stealing"}));
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
  EXPECT_EQ(suggestion_for("outstanding+work_stealing"),
            "least_outstanding, least_outstanding_class_aware");
  EXPECT_EQ(suggestion_for("powr_of_two:d=3"), "power_of_two");
}

// A parameter that is listed and not read would be refused by nobody and tuned in vain.
TEST(PolicyRegistry, MakesEveryPolicyWithTheLeastAndTheMostOfEachParameter) {
  for (const PolicyInfo& info : policy_catalogue()) {
    for (const PolicyParameter& parameter : policy_parameters(info.name)) {
      EXPECT_FALSE(parameter.description.empty()) << parameter.name;
      EXPECT_LE(parameter.least, parameter.standard) << parameter.name;
      EXPECT_LE(parameter.standard, parameter.most) << parameter.name;
      for (const double value : {parameter.least, parameter.most}) {
        std::ostringstream name;
        name << info.name << ':' << parameter.name << '=' << value;
        const std::unique_ptr<Policy> policy = make_policy(name.str(), {.home = RankId(1)});
        EXPECT_EQ(choices(*policy, equal_nodes(5, 2), 20).size(), 20U) << name.str();
      }
    }
  }
}

TEST(PolicyRegistry, HandsParametersToTheRule) {
  // Three tasks reported at rank 0, and one of our own at rank 1 that eight homes may have doubled.
  ClusterInput cluster = nodes_with_tasks({3, 0});
  cluster.nodes[1].own_in_flight = 1;
  cluster.nodes[1].own_since_report = 1;
  cluster.dispatcher_count = 8;
  EXPECT_EQ(make_policy("join_shortest_queue", {})->place({}, cluster.view()), RankId(0));
  EXPECT_EQ(make_policy("join_shortest_queue:own_weight=0.125", {})->place({}, cluster.view()),
            RankId(1));
  const auto stealing = make_policy("join_shortest_queue:own_weight=0.125+work_stealing", {});
  EXPECT_EQ(stealing->place({}, cluster.view()), RankId(1));
  EXPECT_TRUE(stealing->steals());
}

TEST(PolicyRegistry, TellsParametersOfANameWithSettingsAndOfNone) {
  EXPECT_EQ(policy_parameters("power_of_two:d=4+work_stealing").size(), 2U);
  EXPECT_EQ(policy_parameters("power_of_two")[0].name, "d");
  EXPECT_TRUE(policy_parameters("random").empty());
}

TEST(PolicyRegistry, RefusesParametersThatThePolicyDoesNotHave) {
  EXPECT_NE(refusal_of("random:d=2").find("policy 'random' has no parameter 'd'"),
            std::string::npos);
  EXPECT_NE(refusal_of("power_of_two:d=1").find("a whole number from 2 to 16"), std::string::npos);
}

TEST(PolicyRegistry, RefusesStealingTwiceOrWithoutAPolicy) {
  EXPECT_NE(refusal_of("+work_stealing"), kNothingRefused);
  EXPECT_NE(refusal_of("random+work_stealing+work_stealing"), kNothingRefused);
}

}  // namespace
}  // namespace weir
