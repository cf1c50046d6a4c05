#include "tools/settings/setting_values.hpp"

#include <optional>
#include <sstream>

#include "runtime/base/error.hpp"

namespace weir {

void refuse_setting(const std::string& name, const std::string& value, const std::string& needed,
                    const std::string& example) {
  throw Error("the setting " + name + " cannot be used", "\"" + value + "\"", needed,
              name + "=" + example);
}

double read_quantity(const std::string& name, const std::string& value, const Units& units,
                     double most, const std::string& example) {
  const std::optional<double> number = quantity_in(value, units);
  if (!number || !(*number >= 0) || *number > most) {
    std::string names;
    for (const auto& [each, factor] : units) {
      if (!each.empty()) names += (names.empty() ? ", in " : ", ") + std::string(each);
    }
    std::ostringstream needed;
    needed << "a number from 0 to " << most << names;
    refuse_setting(name, value, needed.str(), example);
  }
  return *number;
}

Duration read_time(const std::string& name, const std::string& value, const std::string& example) {
  constexpr double kMostSeconds = 1e6;
  return from_seconds(read_quantity(name, value, time_units(), kMostSeconds, example));
}

double read_share(const std::string& name, const std::string& value, const std::string& example) {
  return read_quantity(name, value, {{"", 1}, {"%", 0.01}}, 1, example);
}

}  // namespace weir
