#include "runtime/catalogue/policy_registry.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/catalogue/policy_entries.hpp"
#include "runtime/policy/near_names.hpp"
#include "runtime/policy/policy_name.hpp"
#include "runtime/policy/work_stealing_policy.hpp"

namespace weir {
namespace {

void append_name(std::string& list, std::string_view name) {
  if (!list.empty()) list += ", ";
  list += name;
}

[[noreturn]] void refuse_name(std::string_view text, std::string_view placing) {
  std::string all, close;
  for (const PolicyEntry& entry : policy_entries()) {
    append_name(all, entry.info.name);
    if (comes_close(placing, entry.info.name)) append_name(close, entry.info.name);
  }
  throw Error("unknown policy '" + std::string(text) + "'", "'" + std::string(placing) + "'",
              "the name of a policy, or NAME" + std::string(kStealingSuffix),
              close.empty() ? "one of: " + all : close + " (all: " + all + ")");
}

const PolicyEntry& entry_of(std::string_view text, std::string_view placing) {
  const auto entries = policy_entries();
  const auto found =
      std::ranges::find(entries, placing, [](const PolicyEntry& e) { return e.info.name; });
  if (found == entries.end()) refuse_name(text, placing);
  return *found;
}

}  // namespace

std::vector<PolicyInfo> policy_catalogue() {
  std::vector<PolicyInfo> infos;
  for (const PolicyEntry& entry : policy_entries()) infos.push_back(entry.info);
  return infos;
}

std::vector<PolicyParameter> policy_parameters(std::string_view name) {
  const PolicyName parts = parse_policy_name(name);
  const PolicyEntry& entry = entry_of(name, parts.placing);
  ParameterValues(entry.info.name, entry.parameters, parts.settings);
  return {entry.parameters.begin(), entry.parameters.end()};
}

bool is_learned(std::string_view name) { return parse_policy_name(name).placing == "learned"; }

std::unique_ptr<Policy> make_policy(std::string_view name, const PolicyOptions& options) {
  WEIR_CHECK(options.dispatcher_count >= 1, "no home places tasks");
  WEIR_CHECK(options.home.value() >= 0, "a policy needs a home");

  const PolicyName parts = parse_policy_name(name);
  const PolicyEntry& entry = entry_of(name, parts.placing);
  std::unique_ptr<Policy> policy =
      entry.make(options, ParameterValues(entry.info.name, entry.parameters, parts.settings));
  if (!parts.steals_besides) return policy;
  return std::make_unique<PolicyWithWorkStealing>(std::move(policy));
}

}  // namespace weir
