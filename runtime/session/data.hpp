// Read-only data with a name: put once on one rank, its home, and fetched by tasks on any rank.
//
//   weir::Data<Table> table = session.put("table", read_table());        // on one rank
//   session.submit(look_up, table, key);                                 // runs on any
//   int look_up(weir::Data<Table> table, int key) { return table.get()->at(key); }

#pragma once

#include <cereal/types/string.hpp>
#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <streambuf>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/exception_text.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/session/arguments.hpp"

namespace weir {

// What names data of whatever type.
struct DataRef {
  RankId home = kNoRank;
  std::uint64_t number = 0;      // of all that was put at its home, from 1 on
  std::uint64_t version = 0;     // of all of its name at its home, from 1 on
  std::uint64_t byte_count = 0;  // as they travel
  std::string name;

  template <typename Archive>
  void save(Archive& archive) const {
    archive(home.value(), number, version, byte_count, name);
  }
  template <typename Archive>
  void load(Archive& archive) {
    std::int32_t rank = 0;
    archive(rank, number, version, byte_count, name);
    home = RankId(rank);
  }
};

// Read-only values of any type.
using DataValue = std::shared_ptr<const void>;

// How values of a type travel. Throws what their serialization throws.
struct DataType {
  std::string name;
  Bytes (*write)(const void* value);
  DataValue (*read)(std::span<const std::byte> bytes);
};

namespace session_detail {

// Counts what is written to it.
class ByteCount final : public std::streambuf {
 public:
  std::uint64_t bytes() const { return bytes_; }

 protected:
  std::streamsize xsputn(const char*, std::streamsize size) override {
    bytes_ += static_cast<std::uint64_t>(size);
    return size;
  }
  int_type overflow(int_type c) override {
    ++bytes_;
    return traits_type::not_eof(c);
  }

 private:
  std::uint64_t bytes_ = 0;
};

// As many as to_bytes() would make.
template <typename T>
std::uint64_t byte_count_of(const T& value) {
  if constexpr (std::is_same_v<T, Bytes>) {
    return value.size();
  } else {
    ByteCount count;
    std::ostream stream(&count);
    cereal::BinaryOutputArchive archive(stream);
    archive(value);
    return count.bytes();
  }
}

template <typename T>
Bytes write_value(const void* value) {
  if constexpr (std::is_same_v<T, Bytes>) {
    return *static_cast<const T*>(value);
  } else {
    return to_bytes(*static_cast<const T*>(value));
  }
}
template <typename T>
DataValue read_value(std::span<const std::byte> bytes) {
  if constexpr (std::is_same_v<T, Bytes>) {
    return std::make_shared<const T>(bytes.begin(), bytes.end());
  } else {
    return std::make_shared<const T>(from_bytes<T>(bytes));
  }
}

template <typename T>
const DataType& data_type() {
  static_assert(std::is_same_v<T, std::remove_cvref_t<T>> && !std::is_void_v<T> && kCanTravel<T>,
                "weir: data of this type cannot travel between ranks: it needs a default "
                "constructor and cereal's serialize() or save() and load()");
  static const DataType type{type_name(typeid(T)), write_value<T>, read_value<T>};
  return type;
}

// As Data<T>::get().
DataValue fetch_in_task(const DataRef& ref, const DataType& type);

}  // namespace session_detail

// One version of data that somewhere somebody has put. A small value: copy it freely, pass it to
// tasks as an argument or inside of one.
template <typename T>
class Data {
 public:
  Data() = default;  // of nothing
  explicit Data(DataRef ref) : ref_(std::move(ref)) {}

  // In a task, also one of run_here() and then(): as Session::fetch(). Throws std::logic_error
  // elsewhere, and in a task that was spawned.
  std::shared_ptr<const T> get() const {
    return std::static_pointer_cast<const T>(
        session_detail::fetch_in_task(ref_, session_detail::data_type<T>()));
  }

  const std::string& name() const { return ref_.name; }
  std::uint64_t version() const { return ref_.version; }  // 1 is the first of its name at its home
  RankId home() const { return ref_.home; }
  std::uint64_t byte_count() const { return ref_.byte_count; }  // as it travels
  const DataRef& ref() const { return ref_; }

  template <typename Archive>
  void serialize(Archive& archive) {
    archive(ref_);
  }

 private:
  DataRef ref_;
};

// What a rank has done with data since the session was made.
struct DataCounts {
  std::uint64_t put_bytes = 0;      // held here as their home
  std::uint64_t cached_bytes = 0;   // of other homes, those on their way included
  std::uint64_t fetches = 0;        // from other homes
  std::uint64_t fetched_bytes = 0;  // likewise
  std::uint64_t hits = 0;           // found here: in the cache, or on their way to it
  std::uint64_t evictions = 0;
};

namespace session_detail {

// Which data a task reads, as far as its arguments tell: data, and vectors of them.
template <typename T>
void append_reads(std::vector<DataRef>&, const T&) {}
template <typename T>
void append_reads(std::vector<DataRef>& reads, const Data<T>& data) {
  reads.push_back(data.ref());
}
template <typename T>
void append_reads(std::vector<DataRef>& reads, const std::vector<Data<T>>& all) {
  for (const Data<T>& data : all) reads.push_back(data.ref());
}

}  // namespace session_detail
}  // namespace weir
