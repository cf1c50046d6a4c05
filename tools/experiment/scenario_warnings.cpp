#include "tools/experiment/scenario_warnings.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/error.hpp"
#include "tools/result/run_bounds.hpp"
#include "tools/settings/scenario_nodes.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {
namespace {

constexpr std::size_t kMostNames = 4;

std::string names_text(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() <= kMostNames) return text;
  return text + " and " + std::to_string(names.size() - kMostNames) + " more";
}

// A comparison sets no policy: it is given several.
std::string in_words_of_compare(std::string warning) {
  const std::string setting = "--set policy=";
  for (auto at = warning.find(setting); at != std::string::npos; at = warning.find(setting)) {
    warning.replace(at, setting.size(), "--policy ");
  }
  return warning;
}

}  // namespace

std::vector<std::string> warnings_of(const Settings& scenario,
                                     const std::vector<std::string>& policies) {
  std::vector<std::pair<std::string, std::vector<std::string>>>
      found;  // warnings and their policies
  const SimulateOptions options = options_of(scenario);
  std::vector<int> working = working_ranks(options);
  for (const std::string& policy : policies) {
    Settings settings = scenario;
    replace_setting(settings, "policy", policy);
    const SimulateOptions of_policy = options_of(settings);
    const bool is_first = &policy == policies.data();
    const std::vector<int> its_working = working_ranks(of_policy);
    if (!is_first && options.run.load && its_working != working) {
      throw Error("a load is another rate for each of these policies",
                  "coordinators=dedicated, " + policies.front() + " and " + policy,
                  "policies that all follow the tree, or none that does", "--set rate=500");
    }
    working = its_working;
    for (const std::string& text : of_policy.run.warnings) {
      const std::string warning = in_words_of_compare(text);
      auto known = std::ranges::find(found, warning, [](const auto& each) { return each.first; });
      if (known == found.end()) known = found.insert(found.end(), {warning, {}});
      known->second.push_back(policy);
    }
  }
  std::vector<std::string> warnings;
  for (const auto& [warning, names] : found) {
    const bool all = names.size() == policies.size();
    warnings.push_back(all ? warning : warning + " (" + names_text(names) + ")");
  }
  const Workload work = workload_of(options);
  const std::string overload = overload_warning(
      work.rate_per_s, bounds_of(nodes_of(options), working, class_rates_of(work)));
  if (!overload.empty()) warnings.push_back(overload);
  return warnings;
}

std::string untuned_warning(const std::vector<std::string>& policies) {
  if (policies.empty()) return {};
  return "no tuned parameters are stored for " + names_text(policies) +
         ": standard values are used; `weir tune` finds others";
}

}  // namespace weir
