// The file that one rank's rows go to, while the run lasts. Used by the writer thread only; the
// layout is described in run_file.hpp.
//
// A kill may come between any two writes. HDF5's single-writer mode keeps every state of the file
// readable, but two columns of one table may then differ in length. So rows count only once the
// dataset `table_state` says so, which is written in one piece after everything before it has been
// flushed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "runtime/record/column.hpp"
#include "runtime/record/hdf5_objects.hpp"

namespace weir {

// All functions throw Hdf5Failure, and are called within an Hdf5Turn.
class SegmentFile {
 public:
  // Replaces a file of that name.
  SegmentFile(const std::filesystem::path& path, const std::vector<TableSchema>& tables,
              const Attributes& attributes, const std::vector<Array>& arrays);

  // Rows as they lie in a RowQueue: the values of one row after the other, without gaps.
  void add_rows(std::size_t table, std::span<const std::byte> rows);
  // Once, at the end.
  void add_final_attributes(const Attributes& attributes);
  // Afterwards all rows added so far survive a kill. `dropped_rows`: the total so far, per table.
  void commit(std::span<const std::uint64_t> dropped_rows);
  void close();
  // Instead of close(), after a failure: leaves the file as a kill would, with the mark of a file
  // being written. Closing would take the mark away from a file that is not whole.
  void abandon();

  // Rows added to this table.
  std::uint64_t rows(std::size_t table) const { return tables_[table].rows; }

 private:
  struct OpenColumn {
    ColumnType type;
    std::size_t offset;  // In a packed row, in bytes.
    Hdf5Handle dataset;
  };
  struct OpenTable {
    std::vector<OpenColumn> columns;
    std::size_t row_bytes = 0;
    std::uint64_t rows = 0;
  };

  void create_table(const TableSchema& schema, std::int64_t position);
  void add_column(const OpenTable& table, const OpenColumn& column,
                  std::span<const std::byte> rows);

  Hdf5Handle file_;
  std::vector<OpenTable> tables_;
  Hdf5Handle final_attributes_;
  std::uint64_t final_attributes_bytes_ = 0;
  Hdf5Handle table_state_;
  std::vector<std::byte> values_;  // One column of a block of rows.
};

// Also for reading: names and places inside a segment.
inline constexpr const char* kFormatAttribute = "weir_format";
inline constexpr std::int64_t kFormatVersion = 1;
inline constexpr const char* kKindAttribute = "weir_kind";
inline constexpr const char* kSegmentKind = "segment";
inline constexpr const char* kRunKind = "run";
inline constexpr const char* kRanksGroup = "ranks";
inline constexpr const char* kPositionAttribute = "position";
inline constexpr const char* kDroppedAttribute = "dropped_rows";
inline constexpr const char* kTableState = "table_state";
inline constexpr const char* kFinalAttributes = "final_attributes";
// `table_state` is a list of pairs: rows, dropped rows; one pair per table, then one whose rows are
// the bytes of `final_attributes`.
inline constexpr std::size_t kStateNumbers = 2;

}  // namespace weir
