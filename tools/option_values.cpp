#include "tools/option_values.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <exception>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

// 100000000, not 1e+08.
std::string plain_text(double number) {
  std::array<char, 400> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed).ptr;
  return {text.data(), end};
}

[[noreturn]] void refuse(const OptionValue& value, const std::string& needed) {
  throw Error("the value of --" + value.option + " cannot be used", "\"" + value.text + "\"",
              needed, "--" + value.option + " " + value.example);
}

// The number that `text` begins with and how many characters it takes; none: 0.
double leading_number(const std::string& text, std::size_t& used) {
  used = 0;
  try {
    return std::stod(text, &used);
  } catch (const std::exception&) {
    return 0;
  }
}

// False for what is not a number, too.
bool is_within(double number, OptionBounds bounds) {
  return number >= bounds.least && number <= bounds.most;
}

double checked_number(const OptionValue& value, const std::string& what, OptionBounds bounds,
                      bool whole) {
  std::size_t used = 0;
  const double number = leading_number(value.text, used);
  if (used == 0 || used != value.text.size() || !is_within(number, bounds) ||
      (whole && number != std::floor(number))) {
    refuse(value, what + " from " + plain_text(bounds.least) + " to " + plain_text(bounds.most));
  }
  return number;
}

}  // namespace

double number_of(const OptionValue& value, const std::string& what, OptionBounds bounds) {
  return checked_number(value, what, bounds, false);
}

std::uint64_t whole_number_of(const OptionValue& value, OptionBounds bounds) {
  return static_cast<std::uint64_t>(checked_number(value, "a whole number", bounds, true));
}

Duration duration_of(const OptionValue& value, OptionBounds bounds) {
  std::size_t used = 0;
  const double number = leading_number(value.text, used);
  const std::string unit = value.text.substr(used);
  const double unit_s = unit.empty() || unit == "s" ? 1
                        : unit == "ms"              ? 1e-3
                        : unit == "min"             ? 60
                        : unit == "h"               ? 3600
                                                    : 0;
  if (used == 0 || unit_s == 0 || !is_within(number * unit_s, bounds)) {
    refuse(value, "a time from " + plain_text(bounds.least) + " to " + plain_text(bounds.most) +
                      " s, in s, ms, min or h (plain numbers are seconds)");
  }
  return from_seconds(number * unit_s);
}

}  // namespace weir
