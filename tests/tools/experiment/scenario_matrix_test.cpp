#include "tools/experiment/scenario_matrix.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "tools/experiment/comparison_report.hpp"

namespace weir {
namespace {

OutcomeRow row(std::size_t scenario, std::size_t policy, double mean_ms, double loss = 0) {
  OutcomeRow row{.scenario = scenario, .policy = policy};
  row.measured.numbers = {{"mean_ms", mean_ms}, {"loss", loss}, {"mean_floor_ms", 80.0}};
  return row;
}

ExperimentResults results_of(std::vector<OutcomeRow> rows) {
  return {.scenarios = {"calm", "storm"},
          .scenario_settings = {"load = 0.5\n", "load = 0.9\n"},
          .policies = {"random", "oracle"},
          .rows = std::move(rows)};
}

std::string text_of(const ExperimentResults& results) {
  std::ostringstream out;
  scenario_matrix(results, summaries_of(results)).print_markdown(out);
  return out.str();
}

TEST(ScenarioMatrix, ShowsEveryPolicyInEveryScenarioAndMarksTheLeast) {
  EXPECT_EQ(text_of(results_of({row(0, 0, 120), row(0, 1, 90), row(1, 0, 300), row(1, 1, 310)})),
            "| mean response, ms | calm | storm |\n"
            "|---|---:|---:|\n"
            "| floor | 80.0 | 80.0 |\n"
            "| random | 120.0 | 300.0* |\n"
            "| oracle | 90.0* | 310.0 |\n");
}

TEST(ScenarioMatrix, DoesNotPreferWhoeverLostMore) {
  const std::string text =
      text_of(results_of({row(0, 0, 120), row(0, 1, 90), row(1, 0, 300), row(1, 1, 100, 0.25)}));
  EXPECT_NE(text.find("| oracle | 90.0* | 100.0 (25.0%) |"), std::string::npos) << text;
  EXPECT_NE(text.find("| random | 120.0 | 300.0* |"), std::string::npos) << text;
}

TEST(ScenarioMatrix, LeavesOutWhatWasNotMeasured) {
  const std::string text = text_of(results_of({row(0, 0, 120), row(1, 1, 310)}));
  EXPECT_NE(text.find("| random | 120.0* | - |"), std::string::npos) << text;
}

TEST(ScenarioMatrix, StandsInTheReportOfSeveralScenarios) {
  std::ostringstream out;
  print_report(results_of({row(0, 0, 120), row(0, 1, 90), row(1, 0, 300), row(1, 1, 310)}),
               ReportFormat::kText, out);
  EXPECT_NE(out.str().find("mean response, ms"), std::string::npos);
}

}  // namespace
}  // namespace weir
