// Values of settings with units.

#pragma once

#include <string>

#include "runtime/base/time.hpp"
#include "tools/command/option_values.hpp"

namespace weir {

[[noreturn]] void refuse_setting(const std::string& name, const std::string& value,
                                 const std::string& needed, const std::string& example);

// A number from 0 to `most` followed by one of the units; "" is a unit too. Throws Error.
double read_quantity(const std::string& name, const std::string& value, const Units& units,
                     double most, const std::string& example);

// Seconds, or with a unit: us, ms, s, min, h. At most 1e6 s.
Duration read_time(const std::string& name, const std::string& value, const std::string& example);

// From 0 to 1, also in per cent.
double read_share(const std::string& name, const std::string& value, const std::string& example);

}  // namespace weir
