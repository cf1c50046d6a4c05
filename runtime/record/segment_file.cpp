#include "runtime/record/segment_file.hpp"

#include <cstring>
#include <nlohmann/json.hpp>
#include <variant>

namespace weir {
namespace {

std::string as_json_text(const Attributes& attributes) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& attribute : attributes) {
    std::visit([&](const auto& held) { object[attribute.first] = held; }, attribute.second);
  }
  // Text that is not UTF-8 loses its odd bytes, not the run its summary.
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Small fixed sizes are copied by one move each.
template <std::size_t kBytes>
void gather(const std::byte* from, std::size_t row_bytes, std::size_t rows, std::byte* to) {
  for (std::size_t row = 0; row < rows; ++row) {
    std::memcpy(to + row * kBytes, from + row * row_bytes, kBytes);
  }
}

}  // namespace

SegmentFile::SegmentFile(const std::filesystem::path& path, const std::vector<TableSchema>& tables,
                         const Attributes& attributes, const std::vector<Array>& arrays) {
  file_ = create_hdf5_file(path, Hdf5FileKind::kGrowing);
  for (const auto& [name, value] : attributes) write_attribute(file_, name, value);
  write_attribute(file_, kFormatAttribute, kFormatVersion);
  write_attribute(file_, kKindAttribute, kSegmentKind);
  for (const Array& array : arrays) write_array(file_, array);
  for (const TableSchema& schema : tables) {
    create_table(schema, static_cast<std::int64_t>(tables_.size()));
  }
  final_attributes_ = create_growing_column(
      file_, {kFinalAttributes, ColumnType::kUint8, "what was known at the end, as JSON in UTF-8"});
  const std::size_t pairs = tables_.size() + 1;
  table_state_ = create_fixed_column(
      file_,
      {kTableState, ColumnType::kUint64,
       "rows and dropped rows, one pair per table by its position; rows beyond are not whole"},
      pairs * kStateNumbers);
  start_growing(file_);
  commit(std::vector<std::uint64_t>(tables_.size(), 0));
}

void SegmentFile::create_table(const TableSchema& schema, std::int64_t position) {
  const Hdf5Handle group = create_group(file_, schema.name);
  write_attribute(group, kPositionAttribute, position);
  OpenTable table;
  for (const Column& column : schema.columns) {
    Hdf5Handle dataset = create_growing_column(group, column);
    write_attribute(dataset, kPositionAttribute, static_cast<std::int64_t>(table.columns.size()));
    table.columns.push_back({column.type, table.row_bytes, std::move(dataset)});
    table.row_bytes += size_of(column.type);
  }
  tables_.push_back(std::move(table));
}

void SegmentFile::add_rows(std::size_t table_position, std::span<const std::byte> rows) {
  OpenTable& table = tables_[table_position];
  for (const OpenColumn& column : table.columns) add_column(table, column, rows);
  table.rows += rows.size() / table.row_bytes;
}

void SegmentFile::add_column(const OpenTable& table, const OpenColumn& column,
                             std::span<const std::byte> rows) {
  const std::size_t count = rows.size() / table.row_bytes;
  values_.resize(count * size_of(column.type));
  const std::byte* from = rows.data() + column.offset;
  switch (size_of(column.type)) {
    case 8:
      gather<8>(from, table.row_bytes, count, values_.data());
      break;
    case 4:
      gather<4>(from, table.row_bytes, count, values_.data());
      break;
    case 2:
      gather<2>(from, table.row_bytes, count, values_.data());
      break;
    default:
      gather<1>(from, table.row_bytes, count, values_.data());
  }
  set_row_count(column.dataset, table.rows + count);
  write_rows(column.dataset, column.type, table.rows, count, values_.data());
}

void SegmentFile::add_final_attributes(const Attributes& attributes) {
  const std::string text = as_json_text(attributes);
  set_row_count(final_attributes_, text.size());
  write_rows(final_attributes_, ColumnType::kUint8, 0, text.size(), text.data());
  final_attributes_bytes_ = text.size();
}

void SegmentFile::commit(std::span<const std::uint64_t> dropped_rows) {
  flush_hdf5_file(file_);
  std::vector<std::uint64_t> state;
  for (std::size_t table = 0; table < tables_.size(); ++table) {
    state.push_back(tables_[table].rows);
    state.push_back(dropped_rows[table]);
  }
  state.push_back(final_attributes_bytes_);
  state.push_back(0);
  write_rows(table_state_, ColumnType::kUint64, 0, state.size(), state.data());
  flush_hdf5_file(file_);
}

void SegmentFile::abandon() {
  for (OpenTable& table : tables_) {
    for (OpenColumn& column : table.columns) column.dataset.abandon();
  }
  final_attributes_.abandon();
  table_state_.abandon();
  file_.abandon();
}

void SegmentFile::close() {
  bool whole = true;
  for (OpenTable& table : tables_) {
    for (OpenColumn& column : table.columns) whole = column.dataset.close() && whole;
  }
  whole = final_attributes_.close() && whole;
  whole = table_state_.close() && whole;
  whole = file_.close() && whole;
  if (!whole) throw Hdf5Failure("closing the file: HDF5 could not write all it held");
}

}  // namespace weir
