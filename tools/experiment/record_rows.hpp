// Finds rows of tables that every rank has in a run file, or a segment alone.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/record/record_reader.hpp"

namespace weir {

// Segments have one part, run files one per rank.
std::vector<std::string> parts_of(const RecordReader& record);

// Zero also where there is no such table.
std::uint64_t rows_of(const RecordReader& record, const std::string& part, const char* table);

// The rows of a table whose `column` holds `value`.
std::vector<std::uint64_t> rows_with(const RecordReader& record, const std::string& part,
                                     const char* table, const char* column, std::uint64_t value);

template <typename T>
T value_at(const RecordReader& record, const std::string& part, const char* table,
           const char* column, std::uint64_t row) {
  return record.column<T>(part, table, column, row, 1).front();
}

// Of a list of texts; "?" beyond its end.
std::string name_in(const RecordReader& record, const std::string& part, const char* list,
                    std::size_t position);

}  // namespace weir
