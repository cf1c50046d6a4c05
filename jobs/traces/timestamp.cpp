#include "jobs/traces/timestamp.hpp"

#include <charconv>
#include <chrono>

namespace weir {
namespace {

// Takes digits, and `separator` behind them (0: the end of the text), off the front of `text`.
std::optional<int> take(std::string_view& text, char separator) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (separator == 0) return text.empty() ? std::optional(value) : std::nullopt;
  if (!text.starts_with(separator)) return std::nullopt;
  text.remove_prefix(1);
  return value;
}

std::optional<std::int64_t> seconds_of(int year, int month, int day, std::string_view time) {
  // Greater numbers would be cut to what a date has room for.
  if (year > 9999 || month > 12 || day > 31) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const auto hour = take(time, ':');
  const auto minute = take(time, ':');
  const auto second = take(time, 0);
  if (!date.ok() || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((std::int64_t{days} * 24 + *hour) * 60 + *minute) * 60 + *second;
}

}  // namespace

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  const auto year = take(text, '-');
  const auto month = take(text, '-');
  const auto day = take(text, text.find('T') == std::string_view::npos ? ' ' : 'T');
  if (!year || !month || !day) return std::nullopt;
  return seconds_of(*year, *month, *day, text);
}

std::optional<std::int64_t> parse_us_timestamp(std::string_view date, std::string_view time) {
  const auto month = take(date, '/');
  const auto day = take(date, '/');
  const auto year = take(date, 0);
  if (!year || !month || !day) return std::nullopt;
  return seconds_of(*year, *month, *day, time);
}

}  // namespace weir
