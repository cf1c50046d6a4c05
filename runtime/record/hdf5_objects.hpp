// The few HDF5 operations that run files need, as plain functions. Used inside this folder only.
//
// HDF5 keeps its state per process, and only some builds of it may be called by two threads at a
// time. Every public function of this folder takes an Hdf5Turn before it calls any function below.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/record/column.hpp"

namespace weir {

// What HDF5 said. The public functions turn it into weir::Error, the writer thread into an outcome.
class Hdf5Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// While it lives, no other thread of this process is inside HDF5 through weir. May be nested.
class Hdf5Turn {
 public:
  Hdf5Turn();

 private:
  std::unique_lock<std::recursive_mutex> lock_;
};

// Owns one reference to an HDF5 object of any kind; the same number as HDF5's own hid_t.
class Hdf5Handle {
 public:
  Hdf5Handle() = default;
  explicit Hdf5Handle(std::int64_t id) : id_(id) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(other.id_) { other.id_ = -1; }
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept;
  ~Hdf5Handle() { (void)close(); }

  std::int64_t id() const { return id_; }
  // False if HDF5 could not write what it still held.
  bool close() noexcept;
  // Forgets the object without closing it; its memory is lost.
  void abandon() noexcept { id_ = -1; }

 private:
  std::int64_t id_ = -1;
};

// All functions below throw Hdf5Failure.

enum class Hdf5FileKind {
  kGrowing,   // Can be read while it grows, and after the process that wrote it was killed.
  kFinished,  // The oldest format that fits, for every reader.
};
// Replaces a file of that name.
Hdf5Handle create_hdf5_file(const std::filesystem::path& path, Hdf5FileKind kind);
// Reads also a file that is being written, or whose writer died.
Hdf5Handle open_hdf5_file(const std::filesystem::path& path);
// A whole file that lies in memory, to read. Copies it.
Hdf5Handle open_hdf5_image(std::span<const std::byte> image);
// From here on every state on disk is whole, and no group, dataset or attribute can be added. No
// object but the file and datasets may be open.
void start_growing(const Hdf5Handle& file);
void flush_hdf5_file(const Hdf5Handle& file);

Hdf5Handle create_group(const Hdf5Handle& parent, const std::string& name);
// `path` is relative to `parent`; empty for the parent itself.
Hdf5Handle open_object(const Hdf5Handle& parent, const std::string& path);
bool has_child(const Hdf5Handle& parent, const std::string& name);
void remove_child(const Hdf5Handle& parent, const std::string& name);
struct Children {
  std::vector<std::string> groups;  // In alphabetical order, as are the datasets.
  std::vector<std::string> datasets;
};
Children children(const Hdf5Handle& group);

void write_attribute(const Hdf5Handle& object, const std::string& name,
                     const AttributeValue& value);
// Attributes of other types than AttributeValue's are left out.
Attributes read_attributes(const Hdf5Handle& object);

// Uncompressed: a chunk that is not full yet is rewritten in place with every flush. Compressed, it
// would get a new size and so a new place each time, and the old one is lost space.
Hdf5Handle create_growing_column(const Hdf5Handle& parent, const Column& column);
Hdf5Handle create_compressed_column(const Hdf5Handle& parent, const Column& column,
                                    std::uint64_t rows);
// One number per element, in place, in one piece.
Hdf5Handle create_fixed_column(const Hdf5Handle& parent, const Column& column, std::uint64_t rows);
std::uint64_t row_count(const Hdf5Handle& dataset);
// Nothing for a dataset that is no column.
std::optional<ColumnType> column_type(const Hdf5Handle& dataset);
void set_row_count(const Hdf5Handle& dataset, std::uint64_t rows);
void write_rows(const Hdf5Handle& dataset, ColumnType type, std::uint64_t first_row,
                std::uint64_t rows, const void* values);
void read_rows(const Hdf5Handle& dataset, ColumnType type, std::uint64_t first_row,
               std::uint64_t rows, void* values);

void write_array(const Hdf5Handle& parent, const Array& array);
Array read_array(const Hdf5Handle& parent, const std::string& name);

}  // namespace weir
