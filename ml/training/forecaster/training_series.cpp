#include "ml/training/forecaster/training_series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ml/inference/forecast_measures.hpp"

namespace weir {
namespace {

// Until then levels and seasons are not settled.
constexpr std::size_t kWarmUpBins = 120;

double mean_scaled_error(const BinnedStream& stream, std::size_t base) {
  const std::vector<double> counts = counts_of(stream.bins);
  NaiveForecasts naive;
  double sum = 0;
  std::size_t forecasts = 0;
  for (std::size_t now = 0; now < counts.size(); ++now) {
    naive.update(counts[now]);
    if (now < kWarmUpBins) continue;
    for (const int horizon : kHorizons) {
      const std::size_t due = now + static_cast<std::size_t>(horizon);
      if (due >= counts.size()) continue;
      sum += std::abs(counts[due] - std::max(0.0, naive.forecast(base, horizon)));
      ++forecasts;
    }
  }
  return forecasts == 0 ? 0 : sum / static_cast<double>(forecasts) / naive_scale(counts);
}

}  // namespace

NaiveBases best_bases(const std::vector<BinnedStream>& streams) {
  NaiveBases bases{};
  for (std::size_t kind = 0; kind < bases.size(); ++kind) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t base = 0; base < NaiveForecasts::kNames.size(); ++base) {
      double sum = 0;
      for (const BinnedStream& stream : streams) {
        if (stream.kind == kind) sum += mean_scaled_error(stream, base);
      }
      if (sum < least) {
        least = sum;
        bases[kind] = base;
      }
    }
  }
  return bases;
}

TrainingSeries training_series(const BinnedStream& stream, const NaiveBases& bases) {
  const std::size_t count = stream.bins.size();
  TrainingSeries series{.bin_count = count,
                        .inputs = {},
                        .targets = std::vector<float>(count * kHorizonCount),
                        .known = std::vector<float>(count * kHorizonCount)};
  series.inputs.reserve(count * kForecastInputCount);
  ForecastFeatures features(
      {.kind = stream.kind, .base = bases[stream.kind], .day_s = stream.day_s});
  for (std::size_t now = 0; now < count; ++now) {
    features.update(stream.bins[now]);
    series.inputs.insert(series.inputs.end(), features.inputs().begin(), features.inputs().end());
    for (std::size_t h = 0; h < kHorizonCount; ++h) {
      const std::size_t due = now + static_cast<std::size_t>(kHorizons[h]);
      if (now < kWarmUpBins || due >= count) continue;
      const double residual = stream.bins[due].count - features.base(h);
      series.targets[now * kHorizonCount + h] = static_cast<float>(residual / features.unit());
      series.known[now * kHorizonCount + h] = 1;
    }
  }
  return series;
}

}  // namespace weir
