#include "runtime/bounds/linear_program.hpp"

#include <coin/Clp_C_Interface.h>

#include <memory>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr double kMaximize = -1;  // Clp's word for it

constexpr int kOptimal = 0;  // what Clp_status() says

struct DeleteModel {
  void operator()(Clp_Simplex* model) const { Clp_deleteModel(model); }
};
using Model = std::unique_ptr<Clp_Simplex, DeleteModel>;

}  // namespace

std::size_t LinearProgram::add_column(double objective) {
  objective_.push_back(objective);
  return objective_.size() - 1;
}

std::size_t LinearProgram::add_row(double least, std::vector<Term> terms, double most) {
  for (const Term& term : terms) {
    WEIR_CHECK(term.column < objective_.size(), "a row uses a column that does not exist");
  }
  rows_.push_back({least, most, std::move(terms)});
  return rows_.size() - 1;
}

std::optional<std::vector<double>> LinearProgram::maximize() const {
  auto solution = maximize_with_prices();
  if (!solution) return std::nullopt;
  return std::move(solution->values);
}

std::optional<LinearProgram::Solution> LinearProgram::maximize_with_prices() const {
  const auto column_count = static_cast<int>(objective_.size());
  const auto row_count = static_cast<int>(rows_.size());

  // Clp takes the matrix by column; a count per column says where each begins.
  std::vector<CoinBigIndex> starts(objective_.size() + 1, 0);
  for (const Row& row : rows_) {
    for (const Term& term : row.terms) ++starts[term.column + 1];
  }
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  std::vector<CoinBigIndex> next(starts.begin(), starts.end() - 1);
  std::vector<int> rows_of_terms(static_cast<std::size_t>(starts.back()));
  std::vector<double> factors(rows_of_terms.size());
  std::vector<double> least, most;
  for (int row = 0; row < row_count; ++row) {
    for (const Term& term : rows_[row].terms) {
      const auto place = static_cast<std::size_t>(next[term.column]++);
      rows_of_terms[place] = row;
      factors[place] = term.factor;
    }
    least.push_back(rows_[row].least);
    most.push_back(rows_[row].most);
  }

  const Model model(Clp_newModel());
  Clp_setLogLevel(model.get(), 0);
  Clp_loadProblem(model.get(), column_count, row_count, starts.data(), rows_of_terms.data(),
                  factors.data(), nullptr, nullptr, objective_.data(), least.data(), most.data());
  Clp_setOptimizationDirection(model.get(), kMaximize);
  Clp_dual(model.get(), 0);
  if (Clp_status(model.get()) != kOptimal) return std::nullopt;
  const double* values = Clp_primalColumnSolution(model.get());
  const double* prices = Clp_dualRowSolution(model.get());
  return Solution{{values, values + column_count}, {prices, prices + row_count}};
}

}  // namespace weir
