#include "ml/inference/forecast_features.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weir {
namespace {

// Levels forget over a minute or so; at first they are plain means.
constexpr double kLevelBins = 60;
// Beyond this an input tells nothing more, and would only upset the network.
constexpr double kLargestInput = 10;
// A series without errors still has a unit: a tenth of what a Poisson process would have.
constexpr double kLeastUnit = 0.1;
constexpr double kHourPerDay = 1.0 / 24;

float clipped(double value) {
  return static_cast<float>(std::clamp(value, -kLargestInput, kLargestInput));
}

double log_ratio(double value, double level) { return std::log1p(value) - std::log1p(level); }

}  // namespace

void ForecastFeatures::update_levels(const StreamBin& bin) {
  const double weight = 1 / std::min(kLevelBins, static_cast<double>(bins_ + 1));
  if (bins_ > 0) spread_ += weight * (std::abs(bin.count - base_[0]) - spread_);
  level_ += weight * (bin.count - level_);
  mean_work_ += weight * (bin.mean_work - mean_work_);
  p95_work_ += weight * (bin.p95_work - p95_work_);
  unit_ = std::max(spread_, kLeastUnit * std::sqrt(level_ + 1));
}

void ForecastFeatures::update(const StreamBin& bin) {
  update_levels(bin);
  naive_.update(bin.count);
  ++bins_;
  for (std::size_t h = 0; h < kHorizonCount; ++h) {
    base_[h] = std::max(0.0, naive_.forecast(series_.base, kHorizons[h]));
  }
  fill_forecasts(fill_state(bin));
}

// Returns where the next input goes.
std::size_t ForecastFeatures::fill_state(const StreamBin& bin) {
  std::size_t place = 0;
  const auto put = [&](double value) { inputs_[place++] = clipped(value); };
  put(std::log1p(bin.count) / kLargestInput);
  put(log_ratio(bin.count, level_));
  put(log_ratio(bin.mean_work, mean_work_));
  put(log_ratio(bin.p95_work, p95_work_));
  put(std::log(bin.fano + 0.1));
  const double now_s = static_cast<double>(bins_) * to_seconds(kForecastBin);
  for (const double period_s : {60.0, series_.day_s * kHourPerDay, series_.day_s}) {
    const double phase = 2 * std::numbers::pi * now_s / period_s;
    put(std::sin(phase));
    put(std::cos(phase));
  }
  put(bin.event_in_s ? 1 : 0);
  put(bin.event_in_s.value_or(0) / 10);
  put(1 / std::sqrt(level_ + 1));
  put(log_ratio(unit_, std::sqrt(level_)));
  for (std::size_t kind = 0; kind < kStreamKinds.size(); ++kind) put(kind == series_.kind ? 1 : 0);
  return place;
}

void ForecastFeatures::fill_forecasts(std::size_t place) {
  const auto put = [&](double value, std::size_t h) {
    inputs_[place++] = clipped((value - base_[h]) / unit_);
  };
  put(naive_.forecast(NaiveForecasts::kLastValue, 1), 0);
  put(naive_.forecast(NaiveForecasts::kEwma, 1), 0);
  for (std::size_t h = 0; h < kHorizonCount; ++h) {
    put(level_, h);
    put(naive_.forecast(NaiveForecasts::kSeasonalNaive, kHorizons[h]), h);
    put(naive_.forecast(NaiveForecasts::kHoltWinters, kHorizons[h]), h);
  }
}

}  // namespace weir
