// Slurm's way to write many names in one word: "n[0-3,08-11],login" is n0 to n3, n08 to n11, login.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// More names are a slip of the finger: no machine has as many hosts.
inline constexpr std::size_t kMostHosts = 262'144;
// Names are no longer in DNS, and no list of Slurm has more dimensions.
inline constexpr std::size_t kLongestHostName = 253;
inline constexpr int kMostBrackets = 8;

// In the order written. A name may have several brackets, and leading zeros count as they stand.
// Nothing when the list is malformed, names nobody, or goes beyond one of the limits above.
std::optional<std::vector<std::string>> expand_host_list(std::string_view list);

}  // namespace weir
