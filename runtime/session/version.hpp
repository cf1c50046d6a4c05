// The version of weir that this program is.

#pragma once

namespace weir {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace weir
