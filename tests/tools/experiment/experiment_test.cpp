#include "tools/experiment/experiment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "runtime/catalogue/policy_registry.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tools/experiment/tuned_policies.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

NamedScenario scenario(const std::string& name) {
  return {name,
          {{"emulate", "nodes=4x1*4;work_ms=10"},
           {"stream", "finance:poisson"},
           {"load", "0.7"},
           {"duration", "3s"}}};
}

CompareOptions two_policies() {
  CompareOptions options;
  options.policies = {"random", "power_of_two"};
  options.seed_count = 3;
  options.first_seed = 10;
  return options;
}

Experiment planned(const CompareOptions& options) {
  return plan_experiment(options, {scenario("small"), scenario("large")}, "weir compare");
}

std::string setting_of(const Trial& trial, const std::string& name) {
  const auto found = std::ranges::find(trial.settings, name, &Settings::value_type::first);
  return found == trial.settings.end() ? "" : found->second;
}

std::ptrdiff_t count_of(const Experiment& experiment, Measurement measurement) {
  return std::ranges::count(experiment.trials, measurement, &Trial::measurement);
}

TEST(ExpandPolicies, TakesAllForTheWholeCatalogueWithoutTheOracle) {
  const Strings all = expand_policies({"all"});
  EXPECT_EQ(all.size(), policy_catalogue().size());
  EXPECT_EQ(std::ranges::count(all, "oracle"), 0);
  EXPECT_EQ(expand_policies({"oracle", "random"}), (Strings{"oracle", "random"}));
}

TEST(ExpandPolicies, RefusesWhatDoesNotExistOrComesTwice) {
  EXPECT_NE(refusal([] { expand_policies({"best"}); }).find("best"), std::string::npos);
  const std::string report = refusal([] { expand_policies({"all", "random"}); });
  EXPECT_NE(report.find("twice"), std::string::npos) << report;
}

TEST(ReadScenarios, NamesThemAfterTheirFilesAndChangesTheirSettings) {
  const ScratchFolder folder;
  CompareOptions options;
  options.scenarios = {folder.write("a.ini", "load = 0.5\n").string(),
                       folder.write("b.ini", "duration = 9s\n").string()};
  options.settings = {"load=0.8"};
  const auto scenarios = read_scenarios(options);
  ASSERT_EQ(scenarios.size(), 2u);
  EXPECT_EQ(scenarios[0].name, "a");
  EXPECT_EQ(text_of(scenarios[0].settings), "load = 0.8\n");
  EXPECT_EQ(text_of(scenarios[1].settings), "duration = 9s\nload = 0.8\n");
  options.scenarios.push_back(folder.write("other/a.ini", "load = 0.5\n").string());
  EXPECT_NE(refusal([&] { read_scenarios(options); }).find("twice"), std::string::npos);
}

TEST(PlanExperiment, GivesEveryPolicyTheSameSeedsInEveryScenario) {
  const Experiment experiment = planned(two_policies());
  ASSERT_EQ(experiment.trials.size(), 12u);
  for (std::size_t i = 0; i < 12; ++i) {
    const Trial& trial = experiment.trials[i];
    EXPECT_EQ(trial.scenario, i / 6);
    EXPECT_EQ(trial.policy, i / 3 % 2);
    EXPECT_EQ(trial.seed, 10 + i % 3);
    EXPECT_EQ(setting_of(trial, "seed"), std::to_string(trial.seed));
    EXPECT_EQ(setting_of(trial, "policy"), trial.policy == 0 ? "random" : "power_of_two");
    EXPECT_EQ(trial.measurement, Measurement::kResponse);
  }
  EXPECT_EQ(experiment.results.scenarios, (Strings{"small", "large"}));
}

TEST(PlanExperiment, MeasuresThroughputOnAsManySeedsAsAreAskedForAndAdaptationOnAll) {
  CompareOptions options = two_policies();
  options.step = 1s;
  options.throughput_window = 5s;
  options.throughput_seed_count = 1;
  const Experiment experiment = planned(options);
  EXPECT_EQ(count_of(experiment, Measurement::kResponse), 12);
  EXPECT_EQ(count_of(experiment, Measurement::kAdaptation), 12);
  EXPECT_EQ(count_of(experiment, Measurement::kThroughput), 4);
  for (const Trial& trial : experiment.trials) {
    if (trial.measurement != Measurement::kThroughput) continue;
    EXPECT_EQ(trial.seed, 10u);
    EXPECT_EQ(trial.window, 5s);
  }
  options.throughput_seed_count = 0;
  EXPECT_EQ(count_of(planned(options), Measurement::kThroughput), 12) << "all seeds";
}

TEST(PlanExperiment, TakesTheFirstPolicyForTheBaselineUnlessAnotherIsNamed) {
  CompareOptions options = two_policies();
  EXPECT_EQ(planned(options).results.baseline, 0u);
  options.baseline = "power_of_two";
  EXPECT_EQ(planned(options).results.baseline, 1u);
  options.baseline = "prequal";
  EXPECT_NE(refusal([&] { planned(options); }).find("--policy prequal"), std::string::npos);
}

TEST(PlanExperiment, RunsTunedPoliciesUnderTheNameThatWasGiven) {
  const ScratchFolder folder;
  TunedPolicy tuned;
  tuned.policy = "power_of_two:d=3";
  write_tuned(folder / "small.ini", {{"power_of_two", tuned}});
  CompareOptions options = two_policies();
  options.tuned = folder.path();
  const Experiment experiment = planned(options);
  EXPECT_EQ(experiment.results.policies, options.policies);
  using Place = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(experiment.results.tuned, (std::map<Place, std::string>{{{0, 1}, "power_of_two:d=3"}}));
  for (const Trial& trial : experiment.trials) {
    if (trial.policy != 1) continue;
    EXPECT_EQ(setting_of(trial, "policy"),
              trial.scenario == 0 ? "power_of_two:d=3" : "power_of_two");
  }
  ASSERT_EQ(experiment.warnings.size(), 1u) << "of the scenario for which nothing is tuned";
  EXPECT_NE(experiment.warnings[0].find("large: "), std::string::npos);
}

TEST(PlanExperiment, RefusesAStepThatNoRunReaches) {
  CompareOptions options = two_policies();
  options.step = 2s;
  EXPECT_EQ(refusal([&] { planned(options); }), kNothingRefused);
  options.step = 3s;
  EXPECT_NE(refusal([&] { planned(options); }).find("--adaptation"), std::string::npos);
}

TEST(FinishExperiment, MakesOneRowOfAllThatWasMeasuredWithASeed) {
  CompareOptions options = two_policies();
  options.seed_count = 1;
  options.step = 1s;
  const Experiment experiment = planned(options);
  std::vector<std::optional<Measured>> outcomes;
  for (const Trial& trial : experiment.trials) {
    const bool is_response = trial.measurement == Measurement::kResponse;
    outcomes.push_back(is_response ? Measured{{{"mean_ms", 5}}, {}, {}}
                                   : Measured{{}, {1, 2}, {3, 4}});
  }
  const ExperimentResults results = finish_experiment(experiment, outcomes);
  ASSERT_EQ(results.rows.size(), 4u);
  std::set<std::pair<std::size_t, std::size_t>> places;
  for (const OutcomeRow& row : results.rows) {
    places.insert({row.scenario, row.policy});
    EXPECT_EQ(row.seed, 10u);
    EXPECT_EQ(row.measured.numbers.at("mean_ms"), 5);
    EXPECT_EQ(row.measured.series, (std::vector<double>{1, 2}));
    EXPECT_EQ(row.measured.p99_series, (std::vector<double>{3, 4}));
  }
  EXPECT_EQ(places.size(), 4u);
}

TEST(FinishExperiment, LeavesOutWhatWasNotMeasured) {
  const Experiment experiment = planned(two_policies());
  std::vector<std::optional<Measured>> outcomes(experiment.trials.size());
  outcomes[4] = Measured{{{"mean_ms", 5}}, {}, {}};
  const ExperimentResults results = finish_experiment(experiment, outcomes);
  ASSERT_EQ(results.rows.size(), 1u);
  EXPECT_EQ(results.rows[0].policy, 1u);
  EXPECT_EQ(results.rows[0].seed, 11u);
}

}  // namespace
}  // namespace weir
