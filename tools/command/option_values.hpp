// Values of options, read from text and within bounds. What cannot be used throws an Error that
// names the option and the bounds.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/time.hpp"

namespace weir {

struct OptionBounds {
  double least;
  double most;  // both are allowed themselves
};

// Of options that several subcommands have.
inline constexpr OptionBounds kStreamTime{1e-6, 1e7};  // seconds
inline constexpr OptionBounds kTasksPerSecond{1e-6, 1e8};
inline constexpr OptionBounds kTimeScale{1e-9, 1e9};
inline constexpr OptionBounds kSeed{0, 9e15};

struct OptionValue {
  std::string option;  // "rate" for --rate
  std::string text;
  std::string example;
};

// `what` says what kind of number: "a share of the capacity".
double number_of(const OptionValue& value, const std::string& what, OptionBounds bounds);

std::uint64_t whole_number_of(const OptionValue& value, OptionBounds bounds);

// A number with s, ms, us, min or h behind it, of seconds without; the bounds are seconds.
Duration duration_of(const OptionValue& value, OptionBounds bounds);

// What a unit behind a number multiplies it by; "" is one, too.
using Units = std::map<std::string_view, double>;
const Units& time_units();  // in seconds
// Nothing where the text is no number with one of the units.
std::optional<double> quantity_in(std::string_view text, const Units& units);

// The shortest text that gives the same number again.
std::string number_text(double number);

}  // namespace weir
