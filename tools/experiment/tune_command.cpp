#include "tools/experiment/tune_command.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <system_error>

#include "runtime/base/digest.hpp"
#include "runtime/base/error.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/policy/policy_name.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/command/work_line.hpp"
#include "tools/experiment/comparison_report.hpp"
#include "tools/experiment/experiment.hpp"
#include "tools/experiment/outcome_store.hpp"
#include "tools/experiment/parameter_search.hpp"
#include "tools/experiment/scenario_warnings.hpp"
#include "tools/experiment/text_table.hpp"
#include "tools/experiment/trial_pool.hpp"
#include "tools/experiment/tune_options.hpp"
#include "tools/experiment/tuned_policies.hpp"
#include "tools/experiment/whole_file.hpp"

namespace weir {
namespace {

constexpr double kFreeLoss = 0.001;
constexpr double kMsPerLoss = 1e4;

// NAME:key=value,...; the text is what is run, so that what is stored is what was judged.
std::string name_with(const std::string& policy, const std::vector<PolicyParameter>& parameters,
                      const ParameterPoint& point) {
  const PolicyName parsed = parse_policy_name(policy);
  std::string name(parsed.placing);
  for (std::size_t i = 0; i < point.size(); ++i) {
    std::array<char, 32> value{};
    std::snprintf(value.data(), value.size(), "%.4g", point[i]);
    name += (i == 0 ? ":" : ",") + std::string(parameters[i].name) + "=" + value.data();
  }
  if (parsed.steals_besides) name += kStealingSuffix;
  return name;
}

double cost_of(const Measured& measured) {
  const double excess = measured.numbers.at("loss") - kFreeLoss;
  return measured.numbers.at("mean_ms") + (excess > 0 ? kMsPerLoss * excess : 0);
}

std::vector<std::string> tunable_policies(const std::vector<std::string>& names) {
  std::vector<std::string> tunable;
  const bool all = std::ranges::find(names, "all") != names.end();
  for (const std::string& name : expand_policies(names)) {
    if (!parse_policy_name(name).settings.empty()) {
      throw Error("a policy that is tuned has no parameters yet", name, "a name alone",
                  name.substr(0, name.find(':')));
    }
    if (!policy_parameters(name).empty()) {
      tunable.push_back(name);
    } else if (!all) {
      std::cerr << "weir-tune: warning: " << name << " has no parameters to tune" << std::endl;
    }
  }
  return tunable;
}

std::string digest_of(const std::string& text) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx",
                static_cast<unsigned long long>(hash_of(std::as_bytes(std::span(text)))));
  return digits.data();
}

class Tuner {
 public:
  Tuner(const TuneOptions& options, const StopRequest& stop)
      : options_(options),
        stop_(stop),
        line_(WorkLine::on_errors("weir-tune", options.quiet, options.progress)),
        pool_{.thread_count = options.thread_count, .progress = &line_} {}

  // False when it was stopped.
  bool tune(const NamedScenario& scenario, const std::vector<std::string>& policies,
            TextTable& table) {
    const std::filesystem::path file = tuned_file(options_.folder, scenario.name);
    const std::filesystem::path runs = file.string() + ".trials";
    std::map<std::string, TunedPolicy> tuned = read_tuned(file);
    OutcomeStore store(runs);
    for (const std::string& policy : policies) {
      const auto parameters = policy_parameters(policy);
      const auto found = search(scenario, policy, parameters, store);
      if (!found) return false;
      TunedPolicy& entry = tuned[policy];
      entry.policy = name_with(policy, parameters, found->best);
      entry.mean_ms = number_text(found->cost, 4);
      entry.standard_ms = number_text(found->standard_cost, 4);
      entry.seeds = std::to_string(kFirstTuningSeed) + " to " +
                    std::to_string(kFirstTuningSeed + options_.seed_count - 1);
      entry.budget = std::to_string(options_.budget);
      entry.scenario = digest_of(text_of(scenario.settings));
      write_tuned(file, tuned);
      table.add({scenario.name, entry.policy, number_text(found->standard_cost, 2),
                 number_text(found->cost, 2),
                 number_text(100 * (found->cost / found->standard_cost - 1), 2) + "%",
                 std::to_string(found->runs)});
    }
    std::error_code ignored;
    std::filesystem::remove(runs, ignored);
    return true;
  }

 private:
  std::optional<FoundParameters> search(const NamedScenario& scenario, const std::string& policy,
                                        const std::vector<PolicyParameter>& parameters,
                                        OutcomeStore& store) {
    std::size_t played = 0;
    const CandidateCosts costs = [&](const std::vector<ParameterPoint>& candidates,
                                     int seed) -> std::optional<std::vector<double>> {
      std::vector<Trial> trials;
      for (const ParameterPoint& point : candidates) {
        Trial trial{.seed = kFirstTuningSeed + static_cast<std::uint64_t>(seed),
                    .settings = scenario.settings};
        replace_setting(trial.settings, "policy", name_with(policy, parameters, point));
        replace_setting(trial.settings, "seed", std::to_string(trial.seed));
        trials.push_back(std::move(trial));
      }
      pool_.work = scenario.name + ": " + policy + ": " + std::to_string(played) + " played, now ";
      played += trials.size();
      std::vector<double> all;
      for (const auto& outcome : run_trials(trials, store, pool_, stop_)) {
        if (!outcome) return std::nullopt;
        all.push_back(cost_of(*outcome));
      }
      return all;
    };
    return search_parameters(
        parameters,
        {.budget = options_.budget, .seed_count = options_.seed_count, .seed = options_.seed},
        costs);
  }

  const TuneOptions& options_;
  const StopRequest& stop_;
  WorkLine line_;
  TrialPoolOptions pool_;
};

}  // namespace

int tune_command(const std::vector<std::string>& arguments, std::ostream& out) {
  const TuneOptions options = parse_tune_options(arguments);
  if (options.help) {
    out << tune_help();
    return 0;
  }
  CompareOptions reading;
  reading.scenarios = options.scenarios;
  reading.settings = options.settings;
  const auto scenarios = read_scenarios(reading);
  const auto policies = tunable_policies(options.policies);
  for (const NamedScenario& scenario : scenarios) {
    for (const std::string& warning : warnings_of(scenario.settings, policies)) {
      std::cerr << "weir-tune: warning: " << scenario.name << ": " << warning << std::endl;
    }
  }
  make_folder(options.folder);
  const StopSignal stop;
  const StopRequest requested = [&stop] { return stop.requested(); };
  Tuner tuner(options, requested);
  TextTable table({"scenario", "tuned policy", "standard ms", "tuned ms", "change", "runs"});
  for (const NamedScenario& scenario : scenarios) {
    if (tuner.tune(scenario, policies, table)) continue;
    std::cerr << "weir-tune: interrupted; the same command goes on where it was" << std::endl;
    return kExitInterrupted;
  }
  out << "On the tuning seeds; `weir compare --tuned` judges on others.\n\n";
  table.print_text(out);
  out << std::flush;
  return 0;
}

}  // namespace weir
