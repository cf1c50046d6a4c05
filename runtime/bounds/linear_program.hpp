// A linear program and its best solution, found by the dual simplex method of COIN-OR Clp.

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace weir {

// Maximize the objective over columns that are not negative, while every row stays in its bounds.
// Columns and rows are numbered as they are added.
class LinearProgram {
 public:
  struct Term {
    std::size_t column = 0;
    double factor = 0;
  };

  std::size_t add_column(double objective);
  // least <= sum of the terms <= most; either may be infinite. A column occurs at most once.
  // Returns its number.
  std::size_t add_row(double least, std::vector<Term> terms, double most);

  // A value for each column; nothing where no values satisfy all rows, where these do not bound the
  // objective, and where numbers are too far apart for the method. Equal programs have equal
  // solutions, on any number of threads at a time.
  std::optional<std::vector<double>> maximize() const;

  struct Solution {
    std::vector<double> values;  // for each column
    // For each row: by how much the objective grows for each unit that its bound is raised, not
    // negative for an upper bound; zero where the bound does not hold it.
    std::vector<double> row_prices;
  };
  // The same with the prices of the rows.
  std::optional<Solution> maximize_with_prices() const;

 private:
  struct Row {
    double least = 0;
    double most = 0;
    std::vector<Term> terms;
  };

  std::vector<double> objective_;
  std::vector<Row> rows_;
};

}  // namespace weir
