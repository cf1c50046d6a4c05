#include "tools/experiment/scenario_matrix.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "tools/experiment/comparison_report.hpp"

namespace weir {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double mean_of(const PolicySummary& summary, const std::string& column) {
  const auto found = summary.means.find(column);
  return found == summary.means.end() ? kUnknown : found->second;
}

// What a column compares with.
struct MatrixColumn {
  double floor_ms = kUnknown;
  double least_loss = std::numeric_limits<double>::infinity();
  double least_ms = std::numeric_limits<double>::infinity();  // of those that lost as little
};

bool loses_more(const PolicySummary& summary, const MatrixColumn& column) {
  return mean_of(summary, "loss") - column.least_loss >= kEqualLoss;
}

MatrixColumn column_of(std::size_t scenario, const std::vector<PolicySummary>& summaries) {
  MatrixColumn column;
  for (const PolicySummary& summary : summaries) {
    if (summary.scenario != scenario) continue;
    column.floor_ms = mean_of(summary, "mean_floor_ms");
    column.least_loss = std::min(column.least_loss, mean_of(summary, "loss"));
  }
  for (const PolicySummary& summary : summaries) {
    if (summary.scenario != scenario || loses_more(summary, column)) continue;
    column.least_ms = std::min(column.least_ms, mean_of(summary, "mean_ms"));
  }
  return column;
}

std::string cell_of(const PolicySummary& summary, const MatrixColumn& column) {
  const double mean_ms = mean_of(summary, "mean_ms");
  std::string cell = number_text(mean_ms, 1);
  if (loses_more(summary, column)) {
    return cell + " (" + number_text(100 * mean_of(summary, "loss"), 1) + "%)";
  }
  return mean_ms == column.least_ms ? cell + "*" : cell;
}

}  // namespace

TextTable scenario_matrix(const ExperimentResults& results,
                          const std::vector<PolicySummary>& summaries) {
  std::vector<std::string> headings{"mean response, ms"};
  std::vector<std::string> floors{"floor"};
  std::vector<MatrixColumn> columns;
  for (std::size_t scenario = 0; scenario < results.scenarios.size(); ++scenario) {
    columns.push_back(column_of(scenario, summaries));
    headings.push_back(results.scenarios[scenario]);
    const double floor_ms = columns.back().floor_ms;
    floors.push_back(std::isinf(floor_ms) ? "none" : number_text(floor_ms, 1));
  }
  TextTable table(headings);
  table.add(floors);
  for (std::size_t policy = 0; policy < results.policies.size(); ++policy) {
    std::vector<std::string> row{results.policies[policy]};
    row.resize(headings.size(), "-");
    for (const PolicySummary& summary : summaries) {
      if (summary.policy != policy) continue;
      row[summary.scenario + 1] = cell_of(summary, columns[summary.scenario]);
    }
    table.add(std::move(row));
  }
  return table;
}

}  // namespace weir
