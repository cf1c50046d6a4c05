// Reads run files and segments: those that are finished, still being written, or left behind by a
// process that was killed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/record/column.hpp"

namespace weir {

struct TableInfo {
  TableSchema schema;
  std::uint64_t rows = 0;
  std::uint64_t dropped_rows = 0;  // Lost because they came faster than the disk took them.
};

// The part of a run file that came from one rank's segment. A segment's own part is "".
std::string part_of(RankId rank);

// Shows the file as it was when it was opened. All functions throw weir::Error when what they are
// asked for is missing or cannot be read. Any thread; calls wait for each other and for a writer of
// this process.
class RecordReader {
 public:
  explicit RecordReader(std::filesystem::path path);
  // Of a file that lies in memory; copied. Error messages call it `name`.
  RecordReader(std::filesystem::path name, std::span<const std::byte> image);
  RecordReader(RecordReader&&) noexcept;
  RecordReader& operator=(RecordReader&&) noexcept;
  ~RecordReader();

  // A segment has no ranks; a run file has those whose segments were merged, in order.
  bool is_segment() const;
  std::vector<RankId> ranks() const;

  // `part` is "" for the file itself or part_of(rank) in a run file.
  Attributes attributes(std::string_view part = {}) const;
  std::vector<TableInfo> tables(std::string_view part = {}) const;  // In the order declared.
  std::vector<Array> arrays(std::string_view part = {}) const;      // In the order of their names.

  // T is the column's type exactly. Whole columns of long runs are large: read them in blocks, the
  // first `row_count` rows from `first_row`, fewer where the table ends.
  template <ColumnValue T>
  std::vector<T> column(std::string_view part, std::string_view table, std::string_view column,
                        std::uint64_t first_row = 0, std::uint64_t row_count = UINT64_MAX) const {
    std::vector<T> values(rows_in(part, table, first_row, row_count));
    read(part, table, column, column_type_of<T>(), first_row, values.size(), values.data());
    return values;
  }
  // The same without knowing the type when compiling; `values` has room for what is asked.
  void read(std::string_view part, std::string_view table, std::string_view column, ColumnType type,
            std::uint64_t first_row, std::uint64_t row_count, void* values) const;

 private:
  struct Contents;
  std::uint64_t rows_in(std::string_view part, std::string_view table, std::uint64_t first_row,
                        std::uint64_t row_count) const;

  std::filesystem::path path_;
  std::unique_ptr<Contents> contents_;
};

}  // namespace weir
