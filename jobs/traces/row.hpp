// One line of a trace, split at its commas.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "jobs/traces/csv_file.hpp"

namespace weir {

// Views into the line of the file, so valid until its next line. The functions that read a field
// throw Error, with the file and the line, when it is not what they read.
class Row {
 public:
  // `header` names the columns; the line must have as many.
  Row(const CsvFile& file, std::string_view header, std::string_view line);

  std::string_view line() const { return line_; }
  std::string_view text(std::size_t column) const { return fields_[column]; }
  double number(std::size_t column) const;
  // `missing` where the field is empty or "None".
  double number_or(std::size_t column, double missing) const;
  // At least 0.
  double amount(std::size_t column) const;
  double amount_or(std::size_t column, double missing) const;
  std::int64_t integer(std::size_t column) const;

  // A time in units of `unit_ns` nanoseconds, at least 0, in nanoseconds.
  std::int64_t time_ns(std::size_t column, double unit_ns) const;
  std::int64_t timestamp_ns(std::size_t column) const;
  std::int64_t us_timestamp_ns(std::size_t date_column, std::size_t time_column) const;

  // A number of 32 bits that stands for the text.
  std::uint32_t key(std::size_t column) const;

  bool is_missing(std::size_t column) const;

  [[noreturn]] void refuse(std::size_t column, std::string_view needed) const;
  const CsvFile& file() const { return file_; }

 private:
  static constexpr std::size_t kMaxColumns = 16;

  const CsvFile& file_;
  std::string_view header_;
  std::string_view line_;
  std::array<std::string_view, kMaxColumns> fields_{};
};

std::uint32_t hash_key(std::string_view text);

}  // namespace weir
