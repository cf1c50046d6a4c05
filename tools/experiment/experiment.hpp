// What an experiment runs, and how outcomes of its trials become its results.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/experiment/compare_options.hpp"
#include "tools/experiment/comparison.hpp"
#include "tools/experiment/trial.hpp"

namespace weir {

struct NamedScenario {
  std::string name;
  Settings settings;
};

struct Experiment {
  ExperimentResults results;  // without rows
  std::vector<Trial> trials;
  std::vector<std::string> warnings;  // of all scenarios, a line each
};

// The scenario files of the options, with their settings changed. Names are those of the files.
std::vector<NamedScenario> read_scenarios(const CompareOptions& options);

// `all` becomes every policy of the catalogue; the oracle, which is none of them, has to be named.
// Throws Error for one that does not exist, or comes twice.
std::vector<std::string> expand_policies(const std::vector<std::string>& names);

// Every seed gives every policy the same tasks. Throws Error for what cannot be simulated, before
// anything runs.
Experiment plan_experiment(const CompareOptions& options,
                           const std::vector<NamedScenario>& scenarios, const std::string& command);

// Puts the outcomes, which come in the order of the trials, into the results.
ExperimentResults finish_experiment(Experiment experiment,
                                    const std::vector<std::optional<Measured>>& outcomes);

// NAME = VALUE lines.
std::string text_of(const Settings& settings);

}  // namespace weir
