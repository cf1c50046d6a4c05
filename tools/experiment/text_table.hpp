// A table of texts: the first column to the left, the others to the right.

#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace weir {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings) : rows_{std::move(headings)} {}
  // As many cells as headings.
  void add(std::vector<std::string> cells);

  // Columns as wide as they have to be.
  void print_text(std::ostream& out) const;
  void print_markdown(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace weir
