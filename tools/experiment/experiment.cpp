#include "tools/experiment/experiment.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/policy/policy_name.hpp"
#include "runtime/sim/oracle_policy.hpp"
#include "tools/experiment/scenario_warnings.hpp"
#include "tools/experiment/tuned_policies.hpp"

namespace weir {
namespace {

constexpr int kDefaultSeeds = 20;

void refuse_twice(const std::vector<std::string>& names, const std::string& what) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) ==
        names.begin() + static_cast<std::ptrdiff_t>(i)) {
      continue;
    }
    throw Error(what + " comes twice", names[i], "each once", "leaving one of them out");
  }
}

std::size_t baseline_of(const CompareOptions& options, const std::vector<std::string>& policies) {
  if (options.baseline.empty()) return 0;
  const auto found = std::ranges::find(policies, options.baseline);
  if (found != policies.end()) return static_cast<std::size_t>(found - policies.begin());
  throw Error("the baseline is not among the policies", options.baseline,
              "one of the policies that are compared", "--policy " + options.baseline);
}

// What can be refused, before hours are spent.
void check_scenario(const NamedScenario& scenario, const CompareOptions& options) {
  const SimulateOptions simulated = options_of(scenario.settings);
  if (options.step && simulated.run.duration && *options.step >= *simulated.run.duration) {
    throw Error(
        "the workload cannot be seen to change",
        "--adaptation " + std::to_string(to_seconds(*options.step)) + " s in " + scenario.name,
        "a time before the scenario ends, at " +
            std::to_string(to_seconds(*simulated.run.duration)) + " s",
        "--adaptation with the time of the step");
  }
}

// Whether there is something to tune and nothing that the command line says of it.
bool has_standard_values(const std::string& policy) {
  return policy != kOraclePolicy && parse_policy_name(policy).settings.empty() &&
         !policy_parameters(policy).empty();
}

// The trials of a scenario and a policy: one per seed and measurement.
class TrialAdder {
 public:
  TrialAdder(const CompareOptions& options, Experiment& experiment)
      : options_(options),
        experiment_(experiment),
        seed_count_(options.seed_count > 0 ? options.seed_count : kDefaultSeeds) {}

  void add(std::size_t scenario, std::size_t policy, Settings settings) {
    for (int i = 0; i < seed_count_; ++i) {
      const std::uint64_t seed = options_.first_seed + static_cast<std::uint64_t>(i);
      replace_setting(settings, "seed", std::to_string(seed));
      Trial trial{.scenario = scenario, .policy = policy, .seed = seed, .settings = settings};
      experiment_.trials.push_back(trial);
      if (options_.step) {
        trial.measurement = Measurement::kAdaptation;
        experiment_.trials.push_back(trial);
      }
      const int most = options_.throughput_seed_count;
      if (options_.throughput_window && (most == 0 || i < most)) {
        trial.measurement = Measurement::kThroughput;
        trial.window = *options_.throughput_window;
        experiment_.trials.push_back(trial);
      }
    }
  }

 private:
  const CompareOptions& options_;
  Experiment& experiment_;
  int seed_count_;
};

}  // namespace

std::string text_of(const Settings& settings) {
  std::string text;
  for (const auto& [name, value] : settings) text += name + " = " + value + '\n';
  return text;
}

std::vector<NamedScenario> read_scenarios(const CompareOptions& options) {
  std::vector<NamedScenario> scenarios;
  std::vector<std::string> names;
  for (const std::string& path : options.scenarios) {
    NamedScenario scenario{std::filesystem::path(path).stem().string(), read_scenario(path)};
    change_settings(scenario.settings, options.settings);
    names.push_back(scenario.name);
    scenarios.push_back(std::move(scenario));
  }
  refuse_twice(names, "a scenario");
  return scenarios;
}

std::vector<std::string> expand_policies(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const std::string& name : names) {
    if (name == "all") {
      for (const PolicyInfo& info : policy_catalogue()) all.emplace_back(info.name);
    } else {
      if (name != kOraclePolicy) make_policy(name, {.home = RankId(0)});
      all.push_back(name);
    }
  }
  refuse_twice(all, "a policy");
  return all;
}

Experiment plan_experiment(const CompareOptions& options,
                           const std::vector<NamedScenario>& scenarios,
                           const std::string& command) {
  Experiment experiment;
  ExperimentResults& results = experiment.results;
  results.policies = expand_policies(options.policies);
  results.baseline = baseline_of(options, results.policies);
  results.command = command;
  results.date = options.date;
  results.window = options.throughput_window.value_or(Duration::zero());
  results.step = options.step;
  TrialAdder trials(options, experiment);
  for (std::size_t scenario = 0; scenario < scenarios.size(); ++scenario) {
    check_scenario(scenarios[scenario], options);
    const auto warn = [&](const std::string& warning) {
      if (warning.empty()) return;
      experiment.warnings.push_back(scenarios[scenario].name + ": " + warning);
    };
    for (const auto& warning : warnings_of(scenarios[scenario].settings, results.policies)) {
      warn(warning);
    }
    std::vector<std::string> untuned;
    results.scenarios.push_back(scenarios[scenario].name);
    results.scenario_settings.push_back(text_of(scenarios[scenario].settings));
    for (std::size_t policy = 0; policy < results.policies.size(); ++policy) {
      std::string name = results.policies[policy];
      if (options.tuned) {
        if (auto tuned = tuned_policy(*options.tuned, scenarios[scenario].name, name)) {
          make_policy(*tuned, {.home = RankId(0)});
          results.tuned[{scenario, policy}] = *tuned;
          name = *tuned;
        } else if (has_standard_values(name)) {
          untuned.push_back(name);
        }
      }
      Settings settings = scenarios[scenario].settings;
      replace_setting(settings, "policy", name);
      trials.add(scenario, policy, settings);
    }
    warn(untuned_warning(untuned));
  }
  return experiment;
}

ExperimentResults finish_experiment(Experiment experiment,
                                    const std::vector<std::optional<Measured>>& outcomes) {
  std::map<std::array<std::uint64_t, 3>, OutcomeRow> rows;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i]) continue;
    const Trial& trial = experiment.trials[i];
    OutcomeRow& row = rows[{trial.scenario, trial.policy, trial.seed}];
    row.scenario = trial.scenario;
    row.policy = trial.policy;
    row.seed = trial.seed;
    row.measured.numbers.insert(outcomes[i]->numbers.begin(), outcomes[i]->numbers.end());
    if (outcomes[i]->series.empty()) continue;
    row.measured.series = outcomes[i]->series;
    row.measured.p99_series = outcomes[i]->p99_series;
  }
  for (auto& [place, row] : rows) experiment.results.rows.push_back(std::move(row));
  return std::move(experiment.results);
}

}  // namespace weir
