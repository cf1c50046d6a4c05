#include "runtime/policy/policy_parameters.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <sstream>
#include <string>
#include <system_error>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"
#include "runtime/policy/near_names.hpp"

namespace weir {
namespace {

std::string text_of(double number) {
  std::ostringstream out;
  out << number;
  return out.str();
}

std::string setting_text(std::string_view policy, const PolicyParameter& parameter) {
  return std::string(policy) + ":" + std::string(parameter.name) + "=" +
         text_of(parameter.standard);
}

[[noreturn]] void refuse_key(std::string_view policy, std::span<const PolicyParameter> parameters,
                             std::string_view key) {
  std::string all, close;
  for (const PolicyParameter& parameter : parameters) {
    all += (all.empty() ? "" : ", ") + std::string(parameter.name);
    if (close.empty() && comes_close(key, parameter.name)) close = setting_text(policy, parameter);
  }
  throw Error("policy '" + std::string(policy) + "' has no parameter '" + std::string(key) + "'",
              "'" + std::string(key) + "'", all.empty() ? "no parameter" : "one of: " + all,
              close.empty() ? "`weir policies` lists the parameters of each policy" : close);
}

double number_of(std::string_view policy, const PolicyParameter& parameter, std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  const bool fits = is_number && number >= parameter.least && number <= parameter.most;
  if (fits && (!parameter.whole || number == std::round(number))) return number;
  throw Error("parameter '" + std::string(parameter.name) + "' of policy '" + std::string(policy) +
                  "' cannot have this value",
              "'" + std::string(text) + "'",
              std::string(parameter.whole ? "a whole number" : "a number") + " from " +
                  text_of(parameter.least) + " to " + text_of(parameter.most),
              setting_text(policy, parameter));
}

}  // namespace

ParameterValues::ParameterValues(std::string_view policy,
                                 std::span<const PolicyParameter> parameters,
                                 std::span<const PolicySetting> settings)
    : parameters_(parameters) {
  for (const PolicyParameter& parameter : parameters) values_.push_back(parameter.standard);
  std::vector<bool> given(parameters.size());
  for (const PolicySetting& setting : settings) {
    const auto found = std::ranges::find(parameters, setting.key, &PolicyParameter::name);
    if (found == parameters.end()) refuse_key(policy, parameters, setting.key);
    const auto position = static_cast<std::size_t>(found - parameters.begin());
    if (given[position]) {
      throw Error("a parameter of policy '" + std::string(policy) + "' is given twice",
                  "'" + std::string(setting.key) + "' again", "each parameter at most once",
                  setting_text(policy, *found));
    }
    given[position] = true;
    values_[position] = number_of(policy, *found, setting.value);
  }
}

double ParameterValues::operator[](std::string_view parameter) const {
  const auto found = std::ranges::find(parameters_, parameter, &PolicyParameter::name);
  WEIR_CHECK(found != parameters_.end(), "a rule asks for a parameter that it does not list");
  return values_[static_cast<std::size_t>(found - parameters_.begin())];
}

}  // namespace weir
