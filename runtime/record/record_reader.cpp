#include "runtime/record/record_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/record/hdf5_objects.hpp"
#include "runtime/record/segment_file.hpp"

namespace weir {
namespace {

// What one part holds, read once: a reader's answers all belong to one state of the file.
struct Part {
  std::string path;
  Attributes attributes;
  std::vector<TableInfo> tables;
  std::vector<std::string> arrays;
};

std::int64_t number_or(const Attributes& attributes, const char* name, std::int64_t otherwise) {
  const auto found = attributes.find(name);
  if (found == attributes.end()) return otherwise;
  const auto* number = std::get_if<std::int64_t>(&found->second);
  return number == nullptr ? otherwise : *number;
}

std::string text_or_empty(const Attributes& attributes, const char* name) {
  const auto found = attributes.find(name);
  if (found == attributes.end()) return {};
  const auto* text = std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string() : *text;
}

std::string joined(const std::string& parent, const std::string& child) {
  return parent.empty() ? child : parent + "/" + child;
}

struct TableAtPosition {
  std::int64_t position;
  TableInfo info;
};

// Columns may differ in length when the writer was killed: the shortest counts.
TableAtPosition read_table(const Hdf5Handle& part, const std::string& name) {
  const Hdf5Handle group = open_object(part, name);
  const Attributes attributes = read_attributes(group);
  TableAtPosition table{number_or(attributes, kPositionAttribute, 0), {}};
  table.info.schema.name = name;
  table.info.dropped_rows = static_cast<std::uint64_t>(number_or(attributes, kDroppedAttribute, 0));

  std::vector<std::pair<std::int64_t, Column>> columns;
  std::uint64_t rows = UINT64_MAX;
  for (const std::string& column_name : children(group).datasets) {
    const Hdf5Handle dataset = open_object(group, column_name);
    const auto type = column_type(dataset);
    if (!type) continue;
    const Attributes about = read_attributes(dataset);
    columns.emplace_back(number_or(about, kPositionAttribute, 0),
                         Column{column_name, *type, text_or_empty(about, "description")});
    rows = std::min(rows, row_count(dataset));
  }
  std::ranges::stable_sort(columns, {}, &std::pair<std::int64_t, Column>::first);
  for (auto& [position, column] : columns) table.info.schema.columns.push_back(std::move(column));
  table.info.rows = columns.empty() ? 0 : rows;
  return table;
}

Part read_part(const Hdf5Handle& file, const std::string& path) {
  const Hdf5Handle group = open_object(file, path);
  Part part{path, read_attributes(group), {}, {}};
  const Children names = children(group);
  std::vector<TableAtPosition> tables;
  for (const std::string& name : names.groups) {
    if (path.empty() && name == kRanksGroup) continue;
    tables.push_back(read_table(group, name));
  }
  std::ranges::stable_sort(tables, {}, &TableAtPosition::position);
  for (TableAtPosition& table : tables) part.tables.push_back(std::move(table.info));
  for (const std::string& name : names.datasets) {
    if (name != kTableState && name != kFinalAttributes) part.arrays.push_back(name);
  }
  return part;
}

void add_final_attributes(const Hdf5Handle& file, std::uint64_t bytes, Attributes& attributes) {
  if (bytes == 0) return;
  std::string text(bytes, ' ');
  read_rows(open_object(file, kFinalAttributes), ColumnType::kUint8, 0, bytes, text.data());
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) throw Hdf5Failure("reading the final attributes: not a JSON object");
  for (const auto& [name, value] : object.items()) {
    if (value.is_number_integer()) attributes[name] = value.get<std::int64_t>();
    if (value.is_number_float()) attributes[name] = value.get<double>();
    if (value.is_null()) attributes[name] = std::nan("");  // JSON has no other word for it.
    if (value.is_string()) attributes[name] = value.get<std::string>();
  }
}

// Only what table_state vouches for is whole.
void apply_table_state(const Hdf5Handle& file, Part& part) {
  const Hdf5Handle dataset = open_object(file, kTableState);
  std::vector<std::uint64_t> state(row_count(dataset));
  if (state.size() != (part.tables.size() + 1) * kStateNumbers) {
    throw Hdf5Failure("reading table_state: it does not fit the tables of the file");
  }
  read_rows(dataset, ColumnType::kUint64, 0, state.size(), state.data());
  for (std::size_t table = 0; table < part.tables.size(); ++table) {
    part.tables[table].rows = std::min(part.tables[table].rows, state[table * kStateNumbers]);
    part.tables[table].dropped_rows = state[table * kStateNumbers + 1];
  }
  add_final_attributes(file, state[part.tables.size() * kStateNumbers], part.attributes);
}

}  // namespace

struct RecordReader::Contents {
  Hdf5Handle file;
  bool segment = false;
  std::vector<RankId> ranks;
  std::map<std::string, Part, std::less<>> parts;

  ~Contents() {
    const Hdf5Turn turn;
    (void)file.close();
  }
  void load();
  const Part& part(std::string_view path) const {
    const auto found = parts.find(path);
    if (found == parts.end()) throw Hdf5Failure("the file has no part " + std::string(path));
    return found->second;
  }
  const TableInfo& table(std::string_view part_path, std::string_view name) const {
    for (const TableInfo& info : part(part_path).tables) {
      if (info.schema.name == name) return info;
    }
    throw Hdf5Failure("the file has no table " + joined(std::string(part_path), std::string(name)));
  }
};

void RecordReader::Contents::load() {
  Part root = read_part(file, "");
  const std::int64_t version = number_or(root.attributes, kFormatAttribute, 0);
  if (version != kFormatVersion) {
    throw Hdf5Failure(version == 0 ? "an HDF5 file that is no run file"
                                   : "a run file of format " + std::to_string(version));
  }
  segment = text_or_empty(root.attributes, kKindAttribute) == kSegmentKind;
  if (segment) apply_table_state(file, root);
  if (!segment && has_child(file, kRanksGroup)) {
    for (const std::string& name : children(open_object(file, kRanksGroup)).groups) {
      std::int32_t rank = 0;
      std::from_chars(name.data(), name.data() + name.size(), rank);
      ranks.push_back(RankId(rank));
      const std::string path = joined(kRanksGroup, name);
      parts.emplace(path, read_part(file, path));
    }
    std::ranges::sort(ranks);
  }
  parts.emplace("", std::move(root));
}

std::string part_of(RankId rank) {
  char text[32];
  std::snprintf(text, sizeof text, "%s/%04d", kRanksGroup, rank.value());
  return text;
}

namespace {

// Everything the reader does is inside HDF5, or fails in the same words.
template <typename Work>
auto in_file(const std::filesystem::path& path, Work work) {
  try {
    const Hdf5Turn turn;
    return work();
  } catch (const Hdf5Failure& failure) {
    throw Error("cannot read run file " + path.string(), failure.what(),
                "a run file or a rank's segment, written by weir run --record",
                "another file; or h5dump -H to see what this one holds");
  }
}

}  // namespace

RecordReader::RecordReader(std::filesystem::path path)
    : path_(std::move(path)), contents_(std::make_unique<Contents>()) {
  in_file(path_, [&] {
    std::error_code unknown;
    const auto status = std::filesystem::status(path_, unknown);
    const bool is_file = std::filesystem::is_regular_file(status);
    // HDF5 would wait for a pipe to say something.
    if (std::filesystem::exists(status) && !is_file) throw Hdf5Failure("a folder, pipe or device");
    contents_->file = open_hdf5_file(path_);
    contents_->load();
  });
}

RecordReader::RecordReader(std::filesystem::path name, std::span<const std::byte> image)
    : path_(std::move(name)), contents_(std::make_unique<Contents>()) {
  in_file(path_, [&] {
    contents_->file = open_hdf5_image(image);
    contents_->load();
  });
}

RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;
RecordReader::~RecordReader() = default;

bool RecordReader::is_segment() const { return contents_->segment; }
std::vector<RankId> RecordReader::ranks() const { return contents_->ranks; }

Attributes RecordReader::attributes(std::string_view part) const {
  return in_file(path_, [&] { return contents_->part(part).attributes; });
}

std::vector<TableInfo> RecordReader::tables(std::string_view part) const {
  return in_file(path_, [&] { return contents_->part(part).tables; });
}

std::vector<Array> RecordReader::arrays(std::string_view part) const {
  return in_file(path_, [&] {
    const Part& from = contents_->part(part);
    const Hdf5Handle group = open_object(contents_->file, from.path);
    std::vector<Array> found;
    for (const std::string& name : from.arrays) found.push_back(read_array(group, name));
    return found;
  });
}

std::uint64_t RecordReader::rows_in(std::string_view part, std::string_view table,
                                    std::uint64_t first_row, std::uint64_t row_count) const {
  return in_file(path_, [&] {
    const std::uint64_t rows = contents_->table(part, table).rows;
    return first_row >= rows ? 0 : std::min(row_count, rows - first_row);
  });
}

void RecordReader::read(std::string_view part, std::string_view table, std::string_view column,
                        ColumnType type, std::uint64_t first_row, std::uint64_t row_count,
                        void* values) const {
  in_file(path_, [&] {
    const TableInfo& info = contents_->table(part, table);
    const auto found = std::ranges::find(info.schema.columns, column, &Column::name);
    if (found == info.schema.columns.end() || found->type != type) {
      throw Hdf5Failure("table " + info.schema.name + " has no column " + std::string(column) +
                        " of this type");
    }
    if (first_row > info.rows || row_count > info.rows - first_row) {
      throw Hdf5Failure("table " + info.schema.name + " has " + std::to_string(info.rows) +
                        " rows, fewer than asked for");
    }
    const std::string path = joined(joined(std::string(part), info.schema.name), found->name);
    read_rows(open_object(contents_->file, path), type, first_row, row_count, values);
  });
}

}  // namespace weir
