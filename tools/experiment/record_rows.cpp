#include "tools/experiment/record_rows.hpp"

#include <variant>

namespace weir {
namespace {

constexpr std::uint64_t kBlockRows = 65536;

}  // namespace

std::vector<std::string> parts_of(const RecordReader& record) {
  if (record.is_segment()) return {""};
  std::vector<std::string> parts;
  for (const RankId rank : record.ranks()) parts.push_back(part_of(rank));
  return parts;
}

std::uint64_t rows_of(const RecordReader& record, const std::string& part, const char* table) {
  for (const TableInfo& info : record.tables(part)) {
    if (info.schema.name == table) return info.rows;
  }
  return 0;
}

std::vector<std::uint64_t> rows_with(const RecordReader& record, const std::string& part,
                                     const char* table, const char* column, std::uint64_t value) {
  std::vector<std::uint64_t> found;
  const std::uint64_t rows = rows_of(record, part, table);
  for (std::uint64_t first = 0; first < rows; first += kBlockRows) {
    const auto values = record.column<std::uint64_t>(part, table, column, first, kBlockRows);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == value) found.push_back(first + i);
    }
  }
  return found;
}

std::string name_in(const RecordReader& record, const std::string& part, const char* list,
                    std::size_t position) {
  for (const Array& array : record.arrays(part)) {
    if (array.name != list) continue;
    const auto* names = std::get_if<std::vector<std::string>>(&array.values);
    if (names != nullptr && position < names->size()) return (*names)[position];
  }
  return "?";
}

}  // namespace weir
