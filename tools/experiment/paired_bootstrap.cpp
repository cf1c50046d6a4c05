#include "tools/experiment/paired_bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

struct LogRatio {
  double value = 0;
  double error = 0;  // standard error, by the delta method
};

// Of the pairs at `places`.
LogRatio log_ratio(std::span<const double> values, std::span<const double> baseline,
                   std::span<const std::size_t> places) {
  const auto count = static_cast<double>(places.size());
  double sum = 0;
  double baseline_sum = 0;
  for (const std::size_t place : places) {
    sum += values[place];
    baseline_sum += baseline[place];
  }
  const double mean = sum / count;
  const double baseline_mean = baseline_sum / count;
  double squares = 0;
  for (const std::size_t place : places) {
    const double deviation = values[place] / mean - baseline[place] / baseline_mean;
    squares += deviation * deviation;
  }
  return {std::log(mean / baseline_mean), std::sqrt(squares / (count * (count - 1)))};
}

}  // namespace

RatioEstimate ratio_of_means(std::span<const double> values, std::span<const double> baseline,
                             const BootstrapOptions& options) {
  WEIR_CHECK(!values.empty() && values.size() == baseline.size(), "values without partners");
  const std::size_t count = values.size();
  std::vector<std::size_t> places(count);
  for (std::size_t i = 0; i < count; ++i) places[i] = i;
  const LogRatio measured = log_ratio(values, baseline, places);
  RatioEstimate estimate{.ratio = std::exp(measured.value)};
  if (count < kLeastPairs) {
    estimate.low = estimate.high = std::numeric_limits<double>::quiet_NaN();
    return estimate;
  }
  // No pair differs from another, as for a policy and itself.
  if (measured.error < 1e-12) {
    estimate.low = estimate.high = estimate.ratio;
    return estimate;
  }
  Random random(options.seed);
  std::vector<double> studentized;
  for (int i = 0; i < options.resamples; ++i) {
    for (std::size_t& place : places) place = random.below(count);
    const LogRatio resampled = log_ratio(values, baseline, places);
    // One pair alone, many times: it knows nothing of its error, and is rare.
    if (resampled.error < 1e-12) continue;
    studentized.push_back((resampled.value - measured.value) / resampled.error);
  }
  std::ranges::sort(studentized);
  const double tail = (1 - options.confidence) / 2;
  const auto at = [&](double share) {
    const auto last = static_cast<double>(studentized.size() - 1);
    return studentized[static_cast<std::size_t>(std::lround(share * last))];
  };
  estimate.low = std::exp(measured.value - at(1 - tail) * measured.error);
  estimate.high = std::exp(measured.value - at(tail) * measured.error);
  return estimate;
}

}  // namespace weir
