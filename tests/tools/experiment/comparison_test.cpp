#include "tools/experiment/comparison.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "tools/experiment/comparison_report.hpp"

namespace weir {
namespace {

// Policies 0, 1, 2, ... with mean responses of `ratios` times that of the seed, and losses.
ExperimentResults results_of(const std::vector<double>& ratios, int seeds,
                             const std::vector<double>& losses = {}) {
  ExperimentResults results{.scenarios = {"small"}, .scenario_settings = {"load = 0.5\n"}};
  for (std::size_t policy = 0; policy < ratios.size(); ++policy) {
    results.policies.push_back("policy_" + std::to_string(policy));
    for (int seed = 1; seed <= seeds; ++seed) {
      const double noise = 1 + 0.01 * std::sin(static_cast<double>(policy * 7) + seed);
      OutcomeRow row{.policy = policy, .seed = static_cast<std::uint64_t>(seed)};
      row.measured.numbers = {{"mean_ms", ratios[policy] * noise * (100 + 10 * seed)},
                              {"loss", losses.empty() ? 0 : losses[policy]}};
      results.rows.push_back(row);
    }
  }
  return results;
}

std::vector<Verdict> verdicts_of(const ExperimentResults& results) {
  std::vector<Verdict> verdicts;
  for (const PolicySummary& summary : summaries_of(results)) verdicts.push_back(summary.verdict);
  return verdicts;
}

TEST(Comparison, SaysWhatIsBetterAndWorseThanTheBaseline) {
  EXPECT_EQ(verdicts_of(results_of({1, 0.9, 1.2, 1.0}, 12)),
            (std::vector<Verdict>{Verdict::kBaseline, Verdict::kBetter, Verdict::kWorse,
                                  Verdict::kNoDifferenceShown}));
}

TEST(Comparison, ComparesWithTheBaselineThatWasChosen) {
  ExperimentResults results = results_of({1, 0.9}, 12);
  results.baseline = 1;
  EXPECT_EQ(verdicts_of(results), (std::vector<Verdict>{Verdict::kWorse, Verdict::kBaseline}));
  EXPECT_NEAR(summaries_of(results)[0].ratio.ratio, 1 / 0.9, 0.01);
}

TEST(Comparison, SaysThatSeedsAreTooFewForTheFamily) {
  // Five pairs that all agree have p = 1/16.
  EXPECT_EQ(verdicts_of(results_of({1, 0.5}, 5))[1], Verdict::kTooFewSeeds);
  EXPECT_EQ(verdicts_of(results_of({1, 0.5}, 6))[1], Verdict::kBetter);
  EXPECT_EQ(verdicts_of(results_of({1, 0.5, 0.5}, 6))[1], Verdict::kTooFewSeeds);
}

TEST(Comparison, DoesNotCompareMeansAtDifferentLosses) {
  EXPECT_EQ(verdicts_of(results_of({1, 0.5}, 12, {0, 0.02}))[1], Verdict::kLossDiffers);
  EXPECT_EQ(verdicts_of(results_of({1, 0.5}, 12, {0.02, 0.0205}))[1], Verdict::kBetter);
}

TEST(Comparison, CorrectsForTheWholeFamily) {
  const auto alone = summaries_of(results_of({1, 0.5}, 12));
  const auto many = summaries_of(results_of({1, 0.5, 1, 1, 1}, 12));
  EXPECT_NEAR(many[1].p, 4 * alone[1].p, 1e-12);
}

TEST(Comparison, ShowsVerdictsInBothFormats) {
  const ExperimentResults results = results_of({1, 0.9}, 12);
  std::ostringstream text, markdown;
  print_report(results, ReportFormat::kText, text);
  print_report(results, ReportFormat::kMarkdown, markdown);
  EXPECT_NE(text.str().find("better"), std::string::npos);
  EXPECT_NE(markdown.str().find("| policy_1 |"), std::string::npos);
  EXPECT_NE(markdown.str().find("load = 0.5"), std::string::npos);
}

}  // namespace
}  // namespace weir
