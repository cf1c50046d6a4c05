#include "jobs/traces/row.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "jobs/traces/timestamp.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

// Times are 64-bit nanoseconds: 292 years.
constexpr double kLatestNs = 9e18;

std::string_view nth_name(std::string_view header, std::size_t column) {
  for (; column > 0; --column) header.remove_prefix(header.find(',') + 1);
  return header.substr(0, header.find(','));
}

std::size_t count_columns(std::string_view line) {
  return 1 + static_cast<std::size_t>(std::ranges::count(line, ','));
}

}  // namespace

Row::Row(const CsvFile& file, std::string_view header, std::string_view line)
    : file_(file), header_(header), line_(line) {
  const std::size_t needed = count_columns(header);
  WEIR_CHECK(needed <= kMaxColumns, "a trace format has more columns than a row holds");
  const std::size_t found = count_columns(line);
  if (found != needed) {
    file.refuse(std::to_string(found) + " columns",
                std::to_string(needed) + " columns: " + std::string(header));
  }
  for (std::size_t column = 0; column < needed; ++column) {
    const std::size_t comma = line.find(',');
    fields_[column] = line.substr(0, comma);
    line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
  }
}

void Row::refuse(std::size_t column, std::string_view needed) const {
  const std::string_view name = nth_name(header_, column);
  std::string found = "'";
  found.append(fields_[column].substr(0, 60)).append("' in column ").append(name);
  file_.refuse(std::move(found), std::string(needed));
}

double Row::number(std::size_t column) const {
  const std::string_view text = fields_[column];
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    refuse(column, "a number");
  }
  return value;
}

bool Row::is_missing(std::size_t column) const {
  return fields_[column].empty() || fields_[column] == "None";
}

double Row::number_or(std::size_t column, double missing) const {
  return is_missing(column) ? missing : number(column);
}

double Row::amount(std::size_t column) const {
  const double value = number(column);
  if (value < 0) refuse(column, "a number of at least 0");
  return value;
}

double Row::amount_or(std::size_t column, double missing) const {
  return is_missing(column) ? missing : amount(column);
}

std::int64_t Row::integer(std::size_t column) const {
  const std::string_view text = fields_[column];
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) refuse(column, "a whole number");
  return value;
}

std::int64_t Row::time_ns(std::size_t column, double unit_ns) const {
  if (unit_ns == 1) {
    const std::int64_t value = integer(column);
    if (value < 0) refuse(column, "a time of at least 0");
    return value;
  }
  const double value = number(column) * unit_ns;
  if (value < 0 || value > kLatestNs) refuse(column, "a time of at least 0 and at most 285 years");
  return std::llround(value);
}

std::int64_t Row::timestamp_ns(std::size_t column) const {
  const auto seconds = parse_timestamp(fields_[column]);
  if (!seconds || *seconds < 0 || static_cast<double>(*seconds) > kLatestNs * 1e-9) {
    refuse(column, "a date like 2015-02-26 21:42:53, from 1970 on");
  }
  return *seconds * 1'000'000'000;
}

std::int64_t Row::us_timestamp_ns(std::size_t date_column, std::size_t time_column) const {
  const auto seconds = parse_us_timestamp(fields_[date_column], fields_[time_column]);
  if (!seconds || *seconds < 0 || static_cast<double>(*seconds) > kLatestNs * 1e-9) {
    refuse(date_column, "a date like 3/10/2004 and a time like 18:00:00 behind it");
  }
  return *seconds * 1'000'000'000;
}

std::uint32_t Row::key(std::size_t column) const {
  if (fields_[column].empty()) refuse(column, "a name");
  return hash_key(fields_[column]);
}

std::uint32_t hash_key(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a.
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return static_cast<std::uint32_t>(mix_bits(hash) >> 32);
}

}  // namespace weir
