// Dates as the traces write them.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir {

// Seconds since 1970 (UTC) of "2015-02-26 21:42:53" or "2007-02-01T00:00:00Z"; nothing when it is
// not such a date.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

// The same of "3/10/2004" (month first) and "18:00:00".
std::optional<std::int64_t> parse_us_timestamp(std::string_view date, std::string_view time);

}  // namespace weir
