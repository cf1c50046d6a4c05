#include "runtime/record/run_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "runtime/base/error.hpp"
#include "runtime/record/hdf5_objects.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/record/segment_file.hpp"

namespace weir {
namespace {

namespace fs = std::filesystem;

// A whole number of compressed chunks, so that each is compressed once.
constexpr std::uint64_t kMergeBlockRows = 65536;

[[noreturn]] void refuse(const fs::path& run_file, std::string found, std::string needed,
                         std::string try_this) {
  throw Error("cannot record to " + run_file.string(), std::move(found), std::move(needed),
              std::move(try_this));
}

fs::path folder_of(const fs::path& run_file) {
  return run_file.has_parent_path() ? run_file.parent_path() : fs::path(".");
}

// Permissions, full quotas and read-only mounts show in one way only: by trying.
void try_to_make_a_file(const fs::path& run_file) {
  std::string name = run_file.string() + ".checkXXXXXX";
  const int descriptor = ::mkstemp(name.data());
  if (descriptor < 0) {
    refuse(run_file, std::string("no file can be made there: ") + std::strerror(errno),
           "a folder in which this user may create files", "another folder with --record");
  }
  ::close(descriptor);
  ::unlink(name.c_str());
}

void copy_column(const RecordReader& from, const TableInfo& table, const Column& column,
                 std::int64_t position, const Hdf5Handle& to_table) {
  const Hdf5Handle dataset = create_compressed_column(to_table, column, table.rows);
  write_attribute(dataset, kPositionAttribute, position);
  std::vector<std::byte> block;
  for (std::uint64_t row = 0; row < table.rows; row += kMergeBlockRows) {
    const std::uint64_t rows = std::min(kMergeBlockRows, table.rows - row);
    block.resize(rows * size_of(column.type));
    from.read("", table.schema.name, column.name, column.type, row, rows, block.data());
    write_rows(dataset, column.type, row, rows, block.data());
  }
}

void copy_segment(const RecordReader& from, const Hdf5Handle& to) {
  for (const auto& [name, value] : from.attributes()) {
    if (name != kFormatAttribute && name != kKindAttribute) write_attribute(to, name, value);
  }
  for (const Array& array : from.arrays()) write_array(to, array);
  std::int64_t table_position = 0;
  for (const TableInfo& table : from.tables()) {
    const Hdf5Handle group = create_group(to, table.schema.name);
    write_attribute(group, kPositionAttribute, table_position++);
    write_attribute(group, kDroppedAttribute, static_cast<std::int64_t>(table.dropped_rows));
    std::int64_t column_position = 0;
    for (const Column& column : table.schema.columns) {
      copy_column(from, table, column, column_position++, group);
    }
  }
}

std::string rank_name(RankId rank) { return part_of(rank).substr(std::strlen(kRanksGroup) + 1); }

// A torn segment of one rank must not cost the others their record. What was copied of it before it
// failed is unlinked again.
void merge_one(const Segment& segment, const Hdf5Handle& ranks, MergeOutcome& outcome) {
  try {
    const RecordReader from(segment.path);
    if (!from.is_segment()) {
      outcome.skipped.emplace_back(segment.rank, "a run file, not a rank's segment");
      return;
    }
    try {
      copy_segment(from, create_group(ranks, rank_name(segment.rank)));
    } catch (const Error&) {
      remove_child(ranks, rank_name(segment.rank));
      throw;
    }
    outcome.merged.push_back(segment.rank);
  } catch (const Error& error) {
    outcome.skipped.emplace_back(segment.rank, error.report());
  }
}

MergeOutcome write_run_file(const fs::path& path, std::span<const Segment> segments,
                            const Attributes& attributes, const std::vector<Array>& arrays) {
  MergeOutcome outcome;
  Hdf5Handle file = create_hdf5_file(path, Hdf5FileKind::kFinished);
  for (const auto& [name, value] : attributes) write_attribute(file, name, value);
  write_attribute(file, kFormatAttribute, kFormatVersion);
  write_attribute(file, kKindAttribute, kRunKind);
  for (const Array& array : arrays) write_array(file, array);
  {
    const Hdf5Handle ranks = create_group(file, kRanksGroup);
    for (const Segment& segment : segments) merge_one(segment, ranks, outcome);
  }
  flush_hdf5_file(file);
  if (!file.close()) throw Hdf5Failure("closing the file: HDF5 could not write all it held");
  return outcome;
}

}  // namespace

fs::path segment_path(const fs::path& run_file, RankId rank) {
  char suffix[32];
  std::snprintf(suffix, sizeof suffix, ".rank%04d", rank.value());
  return run_file.string() + suffix;
}

void check_writable(const fs::path& run_file) {
  std::error_code ignored;
  if (!run_file.has_filename()) {
    refuse(run_file, "a path without a file name", "a file name", "--record run.h5");
  }
  const fs::path folder = folder_of(run_file);
  if (!fs::is_directory(folder, ignored)) {
    refuse(run_file, "no folder " + folder.string(), "an existing folder",
           "mkdir -p " + folder.string());
  }
  if (fs::is_directory(run_file, ignored)) {
    refuse(run_file, "a folder of that name", "a name for a file",
           "--record " + (run_file / "run.h5").string());
  }
  if (fs::exists(run_file, ignored)) {
    try {
      const RecordReader existing(run_file);
    } catch (const Error&) {
      refuse(run_file, "a file of that name that is no run file of weir",
             "a free name, or a run file to replace", "another name with --record");
    }
  }
  try_to_make_a_file(run_file);
}

MergeOutcome merge_segments(const fs::path& run_file, std::span<const Segment> segments,
                            const Attributes& run_attributes,
                            const std::vector<Array>& run_arrays) {
  const fs::path unfinished = run_file.string() + ".merging";
  std::error_code ignored;
  MergeOutcome outcome;
  try {
    const Hdf5Turn turn;
    outcome = write_run_file(unfinished, segments, run_attributes, run_arrays);
    fs::rename(unfinished, run_file);
  } catch (const std::exception& failure) {
    fs::remove(unfinished, ignored);
    refuse(run_file, failure.what(), "room and permission for a file of that name",
           "another folder; the ranks' segments are kept beside it");
  }
  for (const Segment& segment : segments) {
    if (std::ranges::find(outcome.merged, segment.rank) != outcome.merged.end()) {
      fs::remove(segment.path, ignored);
    }
  }
  return outcome;
}

}  // namespace weir
