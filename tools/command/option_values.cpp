#include "tools/command/option_values.hpp"

#include <array>
#include <charconv>
#include <cmath>

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

// False for what is not a number, too.
bool is_within(double number, OptionBounds bounds) {
  return number >= bounds.least && number <= bounds.most;
}

double checked_number(const OptionValue& value, const std::string& what, OptionBounds bounds,
                      bool whole) {
  const std::optional<double> number = quantity_in(value.text, {{"", 1}});
  if (!number || !is_within(*number, bounds) || (whole && *number != std::floor(*number))) {
    refuse(value, what + " from " + plain_text(bounds.least) + " to " + plain_text(bounds.most));
  }
  return *number;
}

}  // namespace

double number_of(const OptionValue& value, const std::string& what, OptionBounds bounds) {
  return checked_number(value, what, bounds, false);
}

std::uint64_t whole_number_of(const OptionValue& value, OptionBounds bounds) {
  return static_cast<std::uint64_t>(checked_number(value, "a whole number", bounds, true));
}

std::optional<double> quantity_in(std::string_view text, const Units& units) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto unit = units.find(std::string_view(end, text.data() + text.size()));
  if (error != std::errc() || unit == units.end()) return std::nullopt;
  return number * unit->second;
}

const Units& time_units() {
  static const Units units{{"", 1}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"min", 60}, {"h", 3600}};
  return units;
}

Duration duration_of(const OptionValue& value, OptionBounds bounds) {
  const std::optional<double> seconds = quantity_in(value.text, time_units());
  if (!seconds || !is_within(*seconds, bounds)) {
    refuse(value, "a time from " + plain_text(bounds.least) + " to " + plain_text(bounds.most) +
                      " s, in s, ms, us, min or h (plain numbers are seconds)");
  }
  return from_seconds(*seconds);
}

std::string number_text(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

}  // namespace weir
