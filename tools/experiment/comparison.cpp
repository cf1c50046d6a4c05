#include "tools/experiment/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tools/experiment/holm_correction.hpp"
#include "tools/experiment/permutation_test.hpp"
#include "tools/experiment/response_series.hpp"

namespace weir {
namespace {

constexpr double kLevel = 0.05;

using Rows = std::vector<const OutcomeRow*>;

Rows rows_of(const ExperimentResults& results, std::size_t scenario, std::size_t policy) {
  Rows rows;
  for (const OutcomeRow& row : results.rows) {
    if (row.scenario == scenario && row.policy == policy) rows.push_back(&row);
  }
  return rows;
}

std::map<std::string, double> means_of(const Rows& rows) {
  std::map<std::string, double> means;
  for (const MeasuredColumn& column : measured_columns()) {
    double sum = 0;
    int count = 0;
    for (const OutcomeRow* row : rows) {
      const auto number = row->measured.numbers.find(column.name);
      if (number == row->measured.numbers.end()) continue;
      sum += number->second;
      ++count;
    }
    if (count > 0) means[column.name] = sum / count;
  }
  return means;
}

// Mean responses of both over the seeds that both have.
struct Pairs {
  std::vector<double> values;
  std::vector<double> baseline;
};

Pairs pairs_of(const Rows& rows, const Rows& baseline) {
  Pairs pairs;
  for (const OutcomeRow* row : rows) {
    const auto partner = std::ranges::find(baseline, row->seed, &OutcomeRow::seed);
    if (partner == baseline.end()) continue;
    const auto own = row->measured.numbers.find("mean_ms");
    const auto other = (*partner)->measured.numbers.find("mean_ms");
    if (own == row->measured.numbers.end() || other == (*partner)->measured.numbers.end()) continue;
    pairs.values.push_back(own->second);
    pairs.baseline.push_back(other->second);
  }
  return pairs;
}

double number_or(const std::map<std::string, double>& numbers, const std::string& name,
                 double otherwise) {
  const auto found = numbers.find(name);
  return found == numbers.end() ? otherwise : found->second;
}

// So few pairs that even if all of them agreed, the correction for the family would hide it.
bool shows_nothing(std::size_t pairs, std::size_t family) {
  const double least_p =
      std::max(std::pow(2, 1 - static_cast<double>(pairs)), 1.0 / PermutationOptions{}.samples);
  return pairs < kLeastPairs || least_p * static_cast<double>(family) > kLevel;
}

Verdict verdict_of(const PolicySummary& summary, const PolicySummary& baseline,
                   std::size_t family) {
  if (summary.policy == baseline.policy) return Verdict::kBaseline;
  const double loss = number_or(summary.means, "loss", 0);
  if (std::abs(loss - number_or(baseline.means, "loss", 0)) > kEqualLoss) {
    return Verdict::kLossDiffers;
  }
  if (shows_nothing(summary.pair_count, family)) return Verdict::kTooFewSeeds;
  if (summary.p < kLevel && summary.ratio.high < 1) return Verdict::kBetter;
  if (summary.p < kLevel && summary.ratio.low > 1) return Verdict::kWorse;
  return Verdict::kNoDifferenceShown;
}

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

using Series = std::vector<double> Measured::*;

// The series of a policy, of every seed, and their mean.
std::vector<double> mean_series(const Rows& rows, Series which) {
  std::vector<double> mean;
  int count = 0;
  for (const OutcomeRow* row : rows) {
    const auto& series = row->measured.*which;
    if (series.empty()) continue;
    if (count++ == 0) mean.resize(series.size());
    mean.resize(std::min(mean.size(), series.size()));
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += series[i];
  }
  for (double& value : mean) value /= std::max(count, 1);
  return mean;
}

// What the seconds after a step are held against: the new steady state of the policy whose mean
// is best there.
struct SteadyState {
  double mean_ms = std::numeric_limits<double>::infinity();
  double p99_ms = std::numeric_limits<double>::quiet_NaN();
};

SteadyState best_steady_state(const ExperimentResults& results, std::size_t scenario,
                              std::size_t step, const std::vector<PolicySummary*>& summaries) {
  SteadyState best;
  for (const PolicySummary* summary : summaries) {
    const Rows rows = rows_of(results, scenario, summary->policy);
    const auto means = mean_series(rows, &Measured::series);
    const auto p99s = mean_series(rows, &Measured::p99_series);
    if (step >= means.size()) continue;
    const double mean_ms = steady_mean_ms(means, step);
    if (mean_ms >= best.mean_ms) continue;
    best = {.mean_ms = mean_ms};
    if (step < p99s.size()) best.p99_ms = steady_mean_ms(p99s, step);
  }
  return best;
}

void add_adaptation(const ExperimentResults& results, std::size_t scenario,
                    std::vector<PolicySummary*>& summaries) {
  if (!results.step) return;
  const auto step = static_cast<std::size_t>(to_seconds(*results.step));
  const SteadyState best = best_steady_state(results, scenario, step, summaries);
  for (PolicySummary* summary : summaries) {
    std::vector<double> times_s;
    std::vector<double> overshoots;
    for (const OutcomeRow* row : rows_of(results, scenario, summary->policy)) {
      const auto& series = row->measured.series;
      const auto& p99s = row->measured.p99_series;
      if (step < series.size()) times_s.push_back(adaptation_time_s(series, step, best.mean_ms));
      if (step < p99s.size()) overshoots.push_back(overshoot(p99s, step, best.p99_ms));
    }
    if (!times_s.empty()) summary->adaptation_s = median_of(times_s);
    if (!overshoots.empty()) summary->overshoot = median_of(overshoots);
  }
}

// p-values as measured; they are corrected once all are known.
void compare_with_baseline(const ExperimentResults& results, std::size_t scenario,
                           std::vector<PolicySummary*>& summaries) {
  const Rows baseline = rows_of(results, scenario, results.baseline);
  for (PolicySummary* summary : summaries) {
    const Pairs pairs = pairs_of(rows_of(results, scenario, summary->policy), baseline);
    summary->pair_count = pairs.values.size();
    if (pairs.values.empty()) continue;
    summary->ratio = ratio_of_means(pairs.values, pairs.baseline);
    summary->p = paired_permutation_p(pairs.values, pairs.baseline);
  }
}

void correct(std::vector<PolicySummary>& summaries, std::size_t baseline) {
  std::vector<double> p_values;
  for (const PolicySummary& summary : summaries) {
    if (summary.policy != baseline) p_values.push_back(summary.p);
  }
  const std::vector<double> adjusted = holm_adjusted(p_values);
  auto next = adjusted.begin();
  for (PolicySummary& summary : summaries) {
    if (summary.policy != baseline) summary.p = *next++;
  }
}

}  // namespace

std::string text_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kBaseline:
      return "baseline";
    case Verdict::kBetter:
      return "better";
    case Verdict::kWorse:
      return "worse";
    case Verdict::kNoDifferenceShown:
      return "no difference shown";
    case Verdict::kTooFewSeeds:
      return "too few seeds";
    case Verdict::kLossDiffers:
      return "losses differ";
  }
  return {};
}

std::vector<PolicySummary> summaries_of(const ExperimentResults& results) {
  std::vector<PolicySummary> summaries;
  for (std::size_t scenario = 0; scenario < results.scenarios.size(); ++scenario) {
    for (std::size_t policy = 0; policy < results.policies.size(); ++policy) {
      const Rows rows = rows_of(results, scenario, policy);
      if (rows.empty()) continue;
      PolicySummary summary{.scenario = scenario, .policy = policy, .seed_count = rows.size()};
      summary.means = means_of(rows);
      const auto sustained = summary.means.find("sustained_per_s");
      const auto capacity = summary.means.find("capacity_per_s");
      if (sustained != summary.means.end() && capacity != summary.means.end()) {
        summary.efficiency = sustained->second / capacity->second;
      }
      summaries.push_back(std::move(summary));
    }
  }
  for (std::size_t scenario = 0; scenario < results.scenarios.size(); ++scenario) {
    std::vector<PolicySummary*> of_scenario;
    for (PolicySummary& summary : summaries) {
      if (summary.scenario == scenario) of_scenario.push_back(&summary);
    }
    compare_with_baseline(results, scenario, of_scenario);
    add_adaptation(results, scenario, of_scenario);
  }
  correct(summaries, results.baseline);
  const auto family = static_cast<std::size_t>(std::ranges::count_if(
      summaries, [&](const PolicySummary& summary) { return summary.policy != results.baseline; }));
  for (PolicySummary& summary : summaries) {
    const auto baseline = std::ranges::find_if(summaries, [&](const PolicySummary& other) {
      return other.scenario == summary.scenario && other.policy == results.baseline;
    });
    summary.verdict = baseline == summaries.end() ? Verdict::kTooFewSeeds
                                                  : verdict_of(summary, *baseline, family);
  }
  return summaries;
}

}  // namespace weir
