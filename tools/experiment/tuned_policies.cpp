#include "tools/experiment/tuned_policies.hpp"

#include <sstream>
#include <utility>

#include "runtime/base/error.hpp"
#include "tools/command/installed_file.hpp"
#include "tools/experiment/whole_file.hpp"
#include "tools/settings/scenario.hpp"

namespace weir {
namespace {

using Field = std::pair<const char*, std::string TunedPolicy::*>;

const Field kFields[] = {
    {"policy", &TunedPolicy::policy},           {"mean_ms", &TunedPolicy::mean_ms},
    {"standard_ms", &TunedPolicy::standard_ms}, {"seeds", &TunedPolicy::seeds},
    {"budget", &TunedPolicy::budget},           {"scenario", &TunedPolicy::scenario}};

}  // namespace

std::map<std::string, TunedPolicy> read_tuned(const std::filesystem::path& file) {
  std::error_code none;
  std::map<std::string, TunedPolicy> policies;
  if (!std::filesystem::exists(file, none)) return policies;
  for (const auto& [name, value] : read_scenario(file.string())) {
    const auto dot = name.find_last_of('.');
    bool known = false;
    for (const auto& [field, member] : kFields) {
      if (dot == std::string::npos || name.substr(dot + 1) != field) continue;
      policies[name.substr(0, dot)].*member = value;
      known = true;
    }
    if (!known) {
      throw Error("these are no tuned parameters", file.string() + ": " + name,
                  "what `weir tune` has written", "weir tune");
    }
  }
  return policies;
}

void write_tuned(const std::filesystem::path& file,
                 const std::map<std::string, TunedPolicy>& policies) {
  std::ostringstream text;
  text << "# Parameters found by `weir tune`; `weir compare --tuned` uses them.\n";
  for (const auto& [name, tuned] : policies) {
    text << "\n[" << name << "]\n";
    for (const auto& [field, member] : kFields) text << field << " = " << tuned.*member << '\n';
  }
  write_whole_file(file, text.str());
}

std::filesystem::path tuned_file(const std::filesystem::path& folder, const std::string& scenario) {
  return folder / (scenario + ".ini");
}

std::optional<std::string> tuned_policy(const std::filesystem::path& folder,
                                        const std::string& scenario, const std::string& policy) {
  const auto policies = read_tuned(installed_file(tuned_file(folder, scenario)));
  const auto found = policies.find(policy);
  if (found == policies.end() || found->second.policy.empty()) return std::nullopt;
  return found->second.policy;
}

}  // namespace weir
