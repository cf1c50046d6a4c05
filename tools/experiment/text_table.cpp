#include "tools/experiment/text_table.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {

void TextTable::add(std::vector<std::string> cells) {
  WEIR_CHECK(cells.size() == rows_.front().size(), "a row of another width");
  rows_.push_back(std::move(cells));
}

void TextTable::print_text(std::ostream& out) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows_) {
    out << "  " << row[0] << std::string(widths[0] - row[0].size(), ' ');
    for (std::size_t i = 1; i < row.size(); ++i) {
      out << "  " << std::string(widths[i] - row[i].size(), ' ') << row[i];
    }
    out << '\n';
  }
}

void TextTable::print_markdown(std::ostream& out) const {
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    out << '|';
    for (const std::string& cell : rows_[row]) out << ' ' << cell << " |";
    out << '\n';
    if (row > 0) continue;
    out << "|---|";
    for (std::size_t i = 1; i < rows_[row].size(); ++i) out << "---:|";
    out << '\n';
  }
}

}  // namespace weir
