// What an experiment found: scenarios x policies x seeds, and each policy against the baseline.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/experiment/paired_bootstrap.hpp"
#include "tools/experiment/trial.hpp"

namespace weir {

// Of one scenario, policy and seed: all that was measured.
struct OutcomeRow {
  std::size_t scenario = 0;
  std::size_t policy = 0;
  std::uint64_t seed = 1;
  Measured measured;
};

struct ExperimentResults {
  std::vector<std::string> scenarios;
  std::vector<std::string> scenario_settings;  // each a text of NAME = VALUE lines
  std::vector<std::string> policies;           // as given
  // What a policy's name stands for in a scenario, by (scenario, policy), where it differs: the
  // tuned parameters.
  std::map<std::pair<std::size_t, std::size_t>, std::string> tuned;
  std::size_t baseline = 0;  // a position in `policies`
  std::string command;
  std::string date;              // as given; empty: not told
  Duration window{0};            // of sustained throughput; zero: not measured
  std::optional<Duration> step;  // when the workload changes, for adaptation
  std::vector<OutcomeRow> rows;  // by scenario, policy and seed
};

enum class Verdict : std::uint8_t {
  kBaseline,
  kBetter,
  kWorse,
  kNoDifferenceShown,
  kTooFewSeeds,
  kLossDiffers,  // means compare only at equal loss
};
std::string text_of(Verdict verdict);

struct PolicySummary {
  std::size_t scenario = 0;
  std::size_t policy = 0;
  std::size_t seed_count = 0;
  std::size_t pair_count = 0;           // of the seeds, those that the baseline has as well
  std::map<std::string, double> means;  // over the seeds, by column
  RatioEstimate ratio;                  // of mean responses, to the baseline
  double p = 1;                         // corrected for all comparisons of the experiment
  Verdict verdict = Verdict::kBaseline;
  std::optional<double> adaptation_s;  // median over the seeds; may be infinite
  std::optional<double> overshoot;     // of the p99 after the step, likewise
  std::optional<double> efficiency;    // sustained throughput / capacity
};

// Shares of lost tasks that differ by less count as equal.
inline constexpr double kEqualLoss = 0.001;

// In the order of scenarios and policies; what has no row is left out.
std::vector<PolicySummary> summaries_of(const ExperimentResults& results);

}  // namespace weir
