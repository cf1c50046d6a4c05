// What a forecaster learns from: streams as inputs of the network and the answers that would have
// been right. No LibTorch.

#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "ml/inference/forecast_features.hpp"

namespace weir {

// One stream in bins, and what kind of stream it is.
struct BinnedStream {
  std::size_t kind = 0;  // position in kStreamKinds
  double day_s = 86'400;
  std::vector<StreamBin> bins;
};

// One row per bin. Targets are counts minus the base forecast, in the unit of the moment: what the
// network should answer. Rows of the warm-up and targets beyond the end are not `known`.
struct TrainingSeries {
  std::size_t bin_count = 0;
  std::vector<float> inputs;   // bins x kForecastInputCount
  std::vector<float> targets;  // bins x kHorizonCount
  std::vector<float> known;    // likewise: 1 or 0
};

// Positions in NaiveForecasts::kNames, by kind of stream.
using NaiveBases = std::array<std::size_t, kStreamKinds.size()>;

// The naive forecast with the least mean absolute error over all horizons, each stream weighed by
// its own one-step change. Last value for kinds without a stream.
NaiveBases best_bases(const std::vector<BinnedStream>& streams);

TrainingSeries training_series(const BinnedStream& stream, const NaiveBases& bases);

}  // namespace weir
