#include "tools/setting_values.hpp"

#include <charconv>
#include <sstream>

#include "runtime/base/error.hpp"

namespace weir {

void refuse_setting(const std::string& name, const std::string& value, const std::string& needed,
                    const std::string& example) {
  throw Error("the setting " + name + " cannot be used", "\"" + value + "\"", needed,
              name + "=" + example);
}

double read_quantity(const std::string& name, const std::string& value,
                     const std::map<std::string, double>& units, double most,
                     const std::string& example) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const auto unit = units.find(std::string(end, value.data() + value.size()));
  if (error != std::errc() || unit == units.end() || !(number >= 0) ||
      number * unit->second > most) {
    std::string names;
    for (const auto& [each, factor] : units) {
      if (!each.empty()) names += (names.empty() ? ", in " : ", ") + each;
    }
    std::ostringstream needed;
    needed << "a number from 0 to " << most << names;
    refuse_setting(name, value, needed.str(), example);
  }
  return number * unit->second;
}

Duration read_time(const std::string& name, const std::string& value, const std::string& example) {
  constexpr double kMostSeconds = 1e6;
  return from_seconds(read_quantity(
      name, value, {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"min", 60}, {"h", 3600}},
      kMostSeconds, example));
}

double read_share(const std::string& name, const std::string& value, const std::string& example) {
  return read_quantity(name, value, {{"", 1}, {"%", 0.01}}, 1, example);
}

}  // namespace weir
