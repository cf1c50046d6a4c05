#include "runtime/record/hdf5_objects.hpp"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace weir {
namespace {

static_assert(std::is_same_v<hid_t, std::int64_t>);

// Rows in one chunk: of a column that grows, 16 KiB of 8-byte values, little enough to rewrite with
// each flush; of a finished one, what compresses well and is still quick to read in part.
constexpr hsize_t kGrowingChunkRows = 2048;
constexpr hsize_t kFinishedChunkRows = 32768;
// Level 1 after a byte shuffle: most of the gain at a fraction of the time of higher levels.
constexpr unsigned kDeflateLevel = 1;

// HDF5 doubles its pause after each look at metadata that is being written, from 1 ns: in all 17
// ms. Its default of 100 looks never ends on a torn file.
constexpr unsigned kMetadataReadAttempts = 24;

constexpr const char* kDescription = "description";
constexpr const char* kAccess = "preparing file access";
constexpr const char* kOpening = "opening the file";

herr_t keep_innermost(unsigned, const H5E_error2_t* error, void* text) {
  auto& out = *static_cast<std::string*>(text);
  if (!out.empty() || error->desc == nullptr) return 0;
  // Some texts have line breaks, which would tear the one line of a report.
  for (const char c : std::string_view(error->desc)) {
    const bool blank = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!blank || (!out.empty() && out.back() != ' ')) out += blank ? ' ' : c;
  }
  return 0;
}

// What the system said, where HDF5 tells it among times, names and numbers.
std::string without_particulars(const std::string& reason) {
  constexpr std::string_view kSaid = "error message = '";
  const std::size_t at = reason.find(kSaid);
  if (at == std::string::npos) return reason.empty() ? "HDF5 gives no reason" : reason;
  return reason.substr(at + kSaid.size(), reason.find('\'', at + kSaid.size()) - at - kSaid.size());
}

[[noreturn]] void fail(const std::string& action) {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &reason);
  throw Hdf5Failure(action + ": " + without_particulars(reason));
}

Hdf5Handle opened(hid_t id, const std::string& action) {
  if (id < 0) fail(action);
  return Hdf5Handle(id);
}

void require(herr_t result, const std::string& action) {
  if (result < 0) fail(action);
}

// What a thread met before belongs to its next failure by chance.
void silence_errors() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5Eclear2(H5E_DEFAULT);
}

hid_t memory_type(ColumnType type) {
  // In the order of the enumeration.
  const std::array<hid_t, 7> types{H5T_NATIVE_INT64, H5T_NATIVE_UINT64, H5T_NATIVE_DOUBLE,
                                   H5T_NATIVE_INT32, H5T_NATIVE_UINT32, H5T_NATIVE_UINT16,
                                   H5T_NATIVE_UINT8};
  return types[static_cast<std::size_t>(type)];
}

// Texts are UTF-8 of any length.
Hdf5Handle text_type() {
  Hdf5Handle type = opened(H5Tcopy(H5T_C_S1), "making a text type");
  require(H5Tset_size(type.id(), H5T_VARIABLE), "making a text type");
  require(H5Tset_cset(type.id(), H5T_CSET_UTF8), "making a text type");
  return type;
}

Hdf5Handle file_access(bool newest_format) {
  Hdf5Handle access = opened(H5Pcreate(H5P_FILE_ACCESS), kAccess);
  // Some network file systems have no locks; weir needs none: one writer, named by its rank.
  require(H5Pset_file_locking(access.id(), true, true), kAccess);
  if (!newest_format) return access;
  require(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110), kAccess);
  return access;
}

// No time stamps: equal contents give equal files.
Hdf5Handle dataset_creation() {
  Hdf5Handle plist = opened(H5Pcreate(H5P_DATASET_CREATE), "preparing a dataset");
  require(H5Pset_obj_track_times(plist.id(), false), "preparing a dataset");
  return plist;
}

// A column is written from front to back, so two chunks are enough; HDF5's usual 1 MiB for each
// open dataset would be most of the memory of a rank.
Hdf5Handle dataset_access(hsize_t chunk_rows, ColumnType type) {
  constexpr std::size_t kSlots = 11;
  Hdf5Handle plist = opened(H5Pcreate(H5P_DATASET_ACCESS), "preparing a dataset");
  require(H5Pset_chunk_cache(plist.id(), kSlots, 2 * chunk_rows * size_of(type), 1.0),
          "preparing a dataset");
  return plist;
}

Hdf5Handle create_column(const Hdf5Handle& parent, const Column& column, const Hdf5Handle& space,
                         const Hdf5Handle& creation, hid_t access) {
  Hdf5Handle dataset = opened(H5Dcreate2(parent.id(), column.name.c_str(), memory_type(column.type),
                                         space.id(), H5P_DEFAULT, creation.id(), access),
                              "creating column " + column.name);
  write_attribute(dataset, kDescription, column.description);
  return dataset;
}

Hdf5Handle space_of_rows(hsize_t rows) {
  return opened(H5Screate_simple(1, &rows, nullptr), "preparing a dataset");
}

Hdf5Handle select_rows(const Hdf5Handle& dataset, hsize_t first, hsize_t rows) {
  Hdf5Handle space = opened(H5Dget_space(dataset.id()), "reading the size of a column");
  require(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, &first, nullptr, &rows, nullptr),
          "selecting rows");
  return space;
}

std::vector<std::string> read_texts(const Hdf5Handle& dataset) {
  const hsize_t count = row_count(dataset);
  std::vector<char*> raw(count);
  const Hdf5Handle type = text_type();
  if (count == 0) return {};
  require(H5Dread(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, raw.data()),
          "reading texts");
  std::vector<std::string> texts;
  texts.reserve(raw.size());
  for (const char* text : raw) texts.emplace_back(text == nullptr ? "" : text);
  const Hdf5Handle space = space_of_rows(count);
  H5Dvlen_reclaim(type.id(), space.id(), H5P_DEFAULT, raw.data());
  return texts;
}

std::optional<AttributeValue> read_attribute(const Hdf5Handle& attribute) {
  const std::string action = "reading an attribute";
  const Hdf5Handle space = opened(H5Aget_space(attribute.id()), action);
  if (H5Sget_simple_extent_npoints(space.id()) != 1) return {};
  const Hdf5Handle type = opened(H5Aget_type(attribute.id()), action);
  switch (H5Tget_class(type.id())) {
    case H5T_INTEGER: {
      std::int64_t value = 0;
      require(H5Aread(attribute.id(), H5T_NATIVE_INT64, &value), action);
      return value;
    }
    case H5T_FLOAT: {
      double value = 0;
      require(H5Aread(attribute.id(), H5T_NATIVE_DOUBLE, &value), action);
      return value;
    }
    case H5T_STRING: {
      if (H5Tis_variable_str(type.id()) <= 0) return {};
      char* text = nullptr;
      require(H5Aread(attribute.id(), type.id(), &text), action);
      std::string value = text == nullptr ? "" : text;
      H5free_memory(text);
      return value;
    }
    default:
      return {};
  }
}

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* out) {
  static_cast<std::vector<std::string>*>(out)->emplace_back(name);
  return 0;
}

herr_t collect_attribute_name(hid_t, const char* name, const H5A_info_t*, void* out) {
  static_cast<std::vector<std::string>*>(out)->emplace_back(name);
  return 0;
}

}  // namespace

// The one lock of a process-wide state that is not ours, hence itself process-wide: several ranks
// in one process each have a writer thread.
Hdf5Turn::Hdf5Turn() {
  // Without this, HDF5 would close at exit what was abandoned on purpose. Too late, and harmless,
  // where the application has used HDF5 before.
  [[maybe_unused]] static const herr_t no_closing_at_exit = H5dont_atexit();
  static std::recursive_mutex process_wide;
  lock_ = std::unique_lock(process_wide);
  silence_errors();
}

Hdf5Handle& Hdf5Handle::operator=(Hdf5Handle&& other) noexcept {
  if (this != &other) {
    (void)close();
    id_ = std::exchange(other.id_, -1);
  }
  return *this;
}

bool Hdf5Handle::close() noexcept {
  if (id_ < 0) return true;
  return H5Idec_ref(std::exchange(id_, -1)) >= 0;
}

Hdf5Handle create_hdf5_file(const std::filesystem::path& path, Hdf5FileKind kind) {
  const Hdf5Handle access = file_access(kind == Hdf5FileKind::kGrowing);
  return opened(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()),
                "creating the file");
}

Hdf5Handle open_hdf5_file(const std::filesystem::path& path) {
  const Hdf5Handle access = file_access(false);
  const hid_t plain = H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id());
  if (plain >= 0) return Hdf5Handle(plain);
  // A file with a writer, alive or killed, is marked so and opens in this way only.
  H5Eclear2(H5E_DEFAULT);
  require(H5Pset_metadata_read_attempts(access.id(), kMetadataReadAttempts), kAccess);
  return opened(H5Fopen(path.c_str(), H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, access.id()), kOpening);
}

Hdf5Handle open_hdf5_image(std::span<const std::byte> image) {
  // HDF5 looks for the name on disk, and takes two files of one name for one.
  static std::uint64_t opened_images = 0;
  const std::string name = "/dev/null/image" + std::to_string(opened_images++);
  const Hdf5Handle access = file_access(false);
  void* const bytes = const_cast<std::byte*>(image.data());  // HDF5 copies, and writes nothing
  require(H5Pset_fapl_core(access.id(), image.size(), false), kAccess);
  require(H5Pset_file_image(access.id(), bytes, image.size()), kAccess);
  return opened(H5Fopen(name.c_str(), H5F_ACC_RDONLY, access.id()), kOpening);
}

void start_growing(const Hdf5Handle& file) {
  require(H5Fstart_swmr_write(file.id()), "making the file readable while it grows");
}

void flush_hdf5_file(const Hdf5Handle& file) {
  require(H5Fflush(file.id(), H5F_SCOPE_LOCAL), "flushing the file");
}

Hdf5Handle create_group(const Hdf5Handle& parent, const std::string& name) {
  return opened(H5Gcreate2(parent.id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                "creating group " + name);
}

Hdf5Handle open_object(const Hdf5Handle& parent, const std::string& path) {
  return opened(H5Oopen(parent.id(), path.empty() ? "." : path.c_str(), H5P_DEFAULT),
                "opening " + (path.empty() ? std::string("the root") : path));
}

bool has_child(const Hdf5Handle& parent, const std::string& name) {
  return H5Lexists(parent.id(), name.c_str(), H5P_DEFAULT) > 0;
}

void remove_child(const Hdf5Handle& parent, const std::string& name) {
  require(H5Ldelete(parent.id(), name.c_str(), H5P_DEFAULT), "removing " + name);
}

Children children(const Hdf5Handle& group) {
  std::vector<std::string> names;
  require(H5Literate(group.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names),
          "listing a group");
  Children found;
  for (std::string& name : names) {
    const Hdf5Handle child = open_object(group, name);
    const H5I_type_t type = H5Iget_type(child.id());
    if (type == H5I_GROUP) {
      found.groups.push_back(std::move(name));
    } else if (type == H5I_DATASET) {
      found.datasets.push_back(std::move(name));
    }
  }
  return found;
}

void write_attribute(const Hdf5Handle& object, const std::string& name,
                     const AttributeValue& value) {
  const std::string action = "writing attribute " + name;
  const Hdf5Handle space = opened(H5Screate(H5S_SCALAR), action);
  const auto write = [&](hid_t type, const void* data) {
    const Hdf5Handle attribute = opened(
        H5Acreate2(object.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT), action);
    require(H5Awrite(attribute.id(), type, data), action);
  };
  if (const auto* integer = std::get_if<std::int64_t>(&value)) write(H5T_NATIVE_INT64, integer);
  if (const auto* real = std::get_if<double>(&value)) write(H5T_NATIVE_DOUBLE, real);
  if (const auto* text = std::get_if<std::string>(&value)) {
    const char* characters = text->c_str();
    const Hdf5Handle type = text_type();
    write(type.id(), &characters);
  }
}

Attributes read_attributes(const Hdf5Handle& object) {
  std::vector<std::string> names;
  require(
      H5Aiterate2(object.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_attribute_name, &names),
      "listing attributes");
  Attributes found;
  for (const std::string& name : names) {
    const Hdf5Handle attribute =
        opened(H5Aopen(object.id(), name.c_str(), H5P_DEFAULT), "opening attribute " + name);
    if (auto value = read_attribute(attribute)) found.emplace(name, std::move(*value));
  }
  return found;
}

Hdf5Handle create_growing_column(const Hdf5Handle& parent, const Column& column) {
  const hsize_t none = 0;
  const hsize_t unlimited = H5S_UNLIMITED;
  const Hdf5Handle space = opened(H5Screate_simple(1, &none, &unlimited), "preparing a dataset");
  const Hdf5Handle creation = dataset_creation();
  require(H5Pset_chunk(creation.id(), 1, &kGrowingChunkRows), "preparing a dataset");
  const Hdf5Handle access = dataset_access(kGrowingChunkRows, column.type);
  return create_column(parent, column, space, creation, access.id());
}

Hdf5Handle create_compressed_column(const Hdf5Handle& parent, const Column& column,
                                    std::uint64_t rows) {
  const Hdf5Handle space = space_of_rows(rows);
  const Hdf5Handle creation = dataset_creation();
  if (rows > 0) {
    const hsize_t chunk = std::min<hsize_t>(rows, kFinishedChunkRows);
    require(H5Pset_chunk(creation.id(), 1, &chunk), "preparing a dataset");
    require(H5Pset_shuffle(creation.id()), "preparing a dataset");
    require(H5Pset_deflate(creation.id(), kDeflateLevel), "preparing a dataset");
  }
  const Hdf5Handle access = dataset_access(kFinishedChunkRows, column.type);
  return create_column(parent, column, space, creation, access.id());
}

Hdf5Handle create_fixed_column(const Hdf5Handle& parent, const Column& column, std::uint64_t rows) {
  const Hdf5Handle space = space_of_rows(rows);
  const Hdf5Handle creation = dataset_creation();
  require(H5Pset_alloc_time(creation.id(), H5D_ALLOC_TIME_EARLY), "preparing a dataset");
  return create_column(parent, column, space, creation, H5P_DEFAULT);
}

std::uint64_t row_count(const Hdf5Handle& dataset) {
  const Hdf5Handle space = opened(H5Dget_space(dataset.id()), "reading the size of a dataset");
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  if (count < 0) fail("reading the size of a dataset");
  return static_cast<std::uint64_t>(count);
}

std::optional<ColumnType> column_type(const Hdf5Handle& dataset) {
  const Hdf5Handle space = opened(H5Dget_space(dataset.id()), "reading the shape of a dataset");
  if (H5Sget_simple_extent_ndims(space.id()) != 1) return {};
  const Hdf5Handle stored = opened(H5Dget_type(dataset.id()), "reading a column's type");
  for (const ColumnType type :
       {ColumnType::kInt64, ColumnType::kUint64, ColumnType::kDouble, ColumnType::kInt32,
        ColumnType::kUint32, ColumnType::kUint16, ColumnType::kUint8}) {
    if (H5Tequal(stored.id(), memory_type(type)) > 0) return type;
  }
  return {};
}

void set_row_count(const Hdf5Handle& dataset, std::uint64_t rows) {
  const hsize_t extent = rows;
  require(H5Dset_extent(dataset.id(), &extent), "growing a column");
}

void write_rows(const Hdf5Handle& dataset, ColumnType type, std::uint64_t first_row,
                std::uint64_t rows, const void* values) {
  if (rows == 0) return;
  const Hdf5Handle to = select_rows(dataset, first_row, rows);
  const Hdf5Handle from = space_of_rows(rows);
  require(H5Dwrite(dataset.id(), memory_type(type), from.id(), to.id(), H5P_DEFAULT, values),
          "writing rows");
}

void read_rows(const Hdf5Handle& dataset, ColumnType type, std::uint64_t first_row,
               std::uint64_t rows, void* values) {
  if (rows == 0) return;
  const Hdf5Handle from = select_rows(dataset, first_row, rows);
  const Hdf5Handle to = space_of_rows(rows);
  require(H5Dread(dataset.id(), memory_type(type), to.id(), from.id(), H5P_DEFAULT, values),
          "reading rows");
}

void write_array(const Hdf5Handle& parent, const Array& array) {
  const std::string action = "writing " + array.name;
  const auto write = [&](hid_t type, std::size_t count, const void* data) {
    const Hdf5Handle space = space_of_rows(count);
    const Hdf5Handle creation = dataset_creation();
    const Hdf5Handle dataset = opened(H5Dcreate2(parent.id(), array.name.c_str(), type, space.id(),
                                                 H5P_DEFAULT, creation.id(), H5P_DEFAULT),
                                      action);
    write_attribute(dataset, kDescription, array.description);
    if (count > 0) {
      require(H5Dwrite(dataset.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), action);
    }
  };
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&array.values)) {
    write(H5T_NATIVE_INT64, integers->size(), integers->data());
  }
  if (const auto* reals = std::get_if<std::vector<double>>(&array.values)) {
    write(H5T_NATIVE_DOUBLE, reals->size(), reals->data());
  }
  if (const auto* texts = std::get_if<std::vector<std::string>>(&array.values)) {
    std::vector<const char*> raw;
    for (const std::string& text : *texts) raw.push_back(text.c_str());
    const Hdf5Handle type = text_type();
    write(type.id(), raw.size(), raw.data());
  }
}

Array read_array(const Hdf5Handle& parent, const std::string& name) {
  const Hdf5Handle dataset = open_object(parent, name);
  Array array{.name = name, .values = {}, .description = {}};
  const Attributes attributes = read_attributes(dataset);
  if (const auto found = attributes.find(kDescription); found != attributes.end()) {
    if (const auto* text = std::get_if<std::string>(&found->second)) array.description = *text;
  }
  const std::uint64_t count = row_count(dataset);
  const Hdf5Handle type = opened(H5Dget_type(dataset.id()), "reading the type of " + name);
  const H5T_class_t kind = H5Tget_class(type.id());
  if (kind == H5T_STRING && H5Tis_variable_str(type.id()) > 0) {
    array.values = read_texts(dataset);
  } else if (kind == H5T_FLOAT) {
    auto& values = array.values.emplace<std::vector<double>>(count);
    read_rows(dataset, ColumnType::kDouble, 0, count, values.data());
  } else if (kind == H5T_INTEGER) {
    auto& values = array.values.emplace<std::vector<std::int64_t>>(count);
    read_rows(dataset, ColumnType::kInt64, 0, count, values.data());
  } else {
    throw Hdf5Failure("reading " + name + ": neither numbers nor texts");
  }
  return array;
}

}  // namespace weir
