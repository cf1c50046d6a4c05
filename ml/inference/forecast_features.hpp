// What the LSTM sees of a stream at the end of each bin, and what its answer is relative to. One
// code for training and for running, under one version.
//
// Everything is free of scale: counts are compared with their own level of the last minute, errors
// with the usual error of the naive forecast that the network corrects. So the same weights serve
// streams of ten and of ten thousand tasks per second.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ml/inference/naive_forecasts.hpp"
#include "ml/inference/stream_bins.hpp"

namespace weir {

// Changes whenever an input or an output means something else.
inline constexpr std::int64_t kForecasterSchema = 1;

inline constexpr std::array<std::string_view, 3> kStreamKinds{"finance", "social", "iot"};

// In order: log1p count and its excess over the level; mean and p95 work, over their own levels;
// log Fano factor; sine and cosine of minute, hour and day; announced event, and how soon it
// begins; relative size of Poisson noise and of the unit; one flag per stream kind; then the naive
// forecasts minus the base: last value, mean of a few bins, and for each horizon the level, the
// seasonal naive and the Holt-Winters forecast.
inline constexpr std::size_t kForecastInputCount = 15 + 3 + 2 + 3 * kHorizonCount;

struct ForecastSeries {
  std::size_t kind = 0;  // position in kStreamKinds, as the kernel of a stream names it
  std::size_t base = 0;  // position in NaiveForecasts::kNames: what the network corrects
  // Of the stream's own clock, which a replay or a generator may run faster.
  double day_s = 86'400;
};

class ForecastFeatures {
 public:
  explicit ForecastFeatures(const ForecastSeries& series) : series_(series) {}

  // The bin that has ended. Constant time, no allocation after the first season.
  void update(const StreamBin& bin);

  const std::array<float, kForecastInputCount>& inputs() const { return inputs_; }

  // The naive forecast that the network corrects.
  double base(std::size_t horizon_position) const { return base_[horizon_position]; }
  // What one unit of the network's output is, in counts. Above zero.
  double unit() const { return unit_; }

 private:
  void update_levels(const StreamBin& bin);
  std::size_t fill_state(const StreamBin& bin);
  void fill_forecasts(std::size_t place);

  ForecastSeries series_;
  NaiveForecasts naive_;
  std::uint64_t bins_ = 0;
  double level_ = 0;
  double spread_ = 0;  // usual error of the base, one bin ahead
  double mean_work_ = 0;
  double p95_work_ = 0;
  double unit_ = 1;
  std::array<double, kHorizonCount> base_{};
  std::array<float, kForecastInputCount> inputs_{};
};

}  // namespace weir
