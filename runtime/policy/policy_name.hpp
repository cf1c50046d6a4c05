// A policy as it is written on the command line: NAME, or NAME:key=value,key=value, each with or
// without +work_stealing behind it.

#pragma once

#include <string_view>
#include <vector>

namespace weir {

struct PolicySetting {
  std::string_view key;
  std::string_view value;
};

// Parts of the text it was read from, which outlives them.
struct PolicyName {
  std::string_view placing;  // NAME, which need not exist
  std::vector<PolicySetting> settings;
  bool steals_besides = false;
};

inline constexpr std::string_view kStealingSuffix = "+work_stealing";

// Throws Error where a setting is not of the form key=value.
PolicyName parse_policy_name(std::string_view text);

}  // namespace weir
