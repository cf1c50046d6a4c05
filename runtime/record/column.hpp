// What a run file can hold: tables of typed columns, attributes, and short arrays.

#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir {

enum class ColumnType : std::uint8_t { kInt64, kUint64, kDouble, kInt32, kUint32, kUint16, kUint8 };

constexpr std::size_t size_of(ColumnType type) {
  switch (type) {
    case ColumnType::kInt64:
    case ColumnType::kUint64:
    case ColumnType::kDouble:
      return 8;
    case ColumnType::kInt32:
    case ColumnType::kUint32:
      return 4;
    case ColumnType::kUint16:
      return 2;
    case ColumnType::kUint8:
      return 1;
  }
  return 0;
}

// Exactly these: a value of another type is converted where it is recorded, in sight.
template <typename T>
concept ColumnValue = std::same_as<T, std::int64_t> || std::same_as<T, std::uint64_t> ||
    std::same_as<T, double> || std::same_as<T, std::int32_t> || std::same_as<T, std::uint32_t> ||
    std::same_as<T, std::uint16_t> || std::same_as<T, std::uint8_t>;

template <ColumnValue T>
constexpr ColumnType column_type_of() {
  if constexpr (std::same_as<T, std::int64_t>) return ColumnType::kInt64;
  if constexpr (std::same_as<T, std::uint64_t>) return ColumnType::kUint64;
  if constexpr (std::same_as<T, double>) return ColumnType::kDouble;
  if constexpr (std::same_as<T, std::int32_t>) return ColumnType::kInt32;
  if constexpr (std::same_as<T, std::uint32_t>) return ColumnType::kUint32;
  if constexpr (std::same_as<T, std::uint16_t>) return ColumnType::kUint16;
  if constexpr (std::same_as<T, std::uint8_t>) return ColumnType::kUint8;
}

// Names of columns, tables, arrays and attributes: not empty, no '/', not "." and unique where they
// stand.
struct Column {
  std::string name;
  ColumnType type = ColumnType::kInt64;
  std::string description;  // Unit and meaning, stored with the column.
  friend bool operator==(const Column&, const Column&) = default;
};

struct TableSchema {
  std::string name;
  std::vector<Column> columns;  // At least one.
  friend bool operator==(const TableSchema&, const TableSchema&) = default;
};

// The position of a table in the list given to the writer.
using TableIndex = Id<struct RecordTableTag, std::uint16_t>;

// Unsigned numbers that need the 64th bit are stored as text.
using AttributeValue = std::variant<std::int64_t, double, std::string>;
using Attributes = std::map<std::string, AttributeValue>;

// A one-dimensional dataset, for what is known at once: names of classes, bounds of buckets, the
// machine as XML. What grows or is known late is a table.
struct Array {
  std::string name;
  std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>> values;
  std::string description;
  friend bool operator==(const Array&, const Array&) = default;
};

}  // namespace weir
