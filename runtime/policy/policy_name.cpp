#include "runtime/policy/policy_name.hpp"

#include <string>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

PolicySetting parse_setting(std::string_view text, std::string_view policy) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0 || equals + 1 == text.size()) {
    throw Error("a parameter of policy '" + std::string(policy) + "' has no name or no value",
                "'" + std::string(text) + "'", "key=value, several of them separated by commas",
                "`weir policies` lists the parameters of each policy");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace

PolicyName parse_policy_name(std::string_view text) {
  PolicyName name{.placing = text, .settings = {}};
  name.steals_besides = text.ends_with(kStealingSuffix);
  if (name.steals_besides) name.placing.remove_suffix(kStealingSuffix.size());

  const std::size_t colon = name.placing.find(':');
  if (colon == name.placing.npos) return name;
  std::string_view rest = name.placing.substr(colon + 1);
  name.placing = name.placing.substr(0, colon);
  while (true) {
    const std::size_t comma = rest.find(',');
    name.settings.push_back(parse_setting(rest.substr(0, comma), name.placing));
    if (comma == rest.npos) return name;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace weir
