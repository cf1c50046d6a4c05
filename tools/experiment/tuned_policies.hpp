// Tuned parameters, stored with their scenarios: FOLDER/SCENARIO.ini has a section per policy.
//
//   [prequal]
//   policy = prequal:quantile=0.9   what to use in its place
//   mean_ms = 112.40                over the tuning seeds
//   standard_ms = 113.90            the same with standard parameters
//   seeds = 1000000 to 1000003
//   budget = 60                     runs that the search was given
//   scenario = 8a3f...              digest of the scenario's settings

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace weir {

struct TunedPolicy {
  std::string policy;
  std::string mean_ms;
  std::string standard_ms;
  std::string seeds;
  std::string budget;
  std::string scenario;
};

// By the name without parameters. Empty where there is no such file; throws Error for a file that
// is something else.
std::map<std::string, TunedPolicy> read_tuned(const std::filesystem::path& file);

// Replaces the file in one step; throws Error when it cannot be written.
void write_tuned(const std::filesystem::path& file,
                 const std::map<std::string, TunedPolicy>& policies);

// FOLDER/SCENARIO.ini
std::filesystem::path tuned_file(const std::filesystem::path& folder, const std::string& scenario);

// The tuned name of a policy in a scenario, if there is one.
std::optional<std::string> tuned_policy(const std::filesystem::path& folder,
                                        const std::string& scenario, const std::string& policy);

}  // namespace weir
