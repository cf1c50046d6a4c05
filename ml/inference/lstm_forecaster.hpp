// Forecasts one stream with an LSTM that corrects a naive forecast. One step per bin; what came
// before is in the state.

#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

#include "ml/inference/conformal_calibration.hpp"
#include "ml/inference/forecast_features.hpp"
#include "ml/inference/lstm_network.hpp"

namespace weir {

inline constexpr std::string_view kForecasterKind = "forecaster";
inline constexpr std::size_t kForecastOutputCount = kHorizonCount * kQuantileCount;

// The weights of a forecaster: shared by all streams.
class ForecasterModel {
 public:
  // Throws Error for weights that are not whole or name a naive forecast that does not exist.
  // `path` is for the message.
  ForecasterModel(const WeightFile& weights, const std::filesystem::path& path);
  // Reads the file, or the weights that come with weir where `path` is empty. Throws Error for what
  // is none of this schema.
  explicit ForecasterModel(const std::filesystem::path& path);

  const LstmNetwork& network() const { return network_; }

  // For a stream whose tasks run that kernel: "finance", "social" or "iot". Others are taken for
  // social: counts of what people do. `day_s` as in ForecastSeries.
  ForecastSeries series_of(std::string_view kernel, double day_s) const;

  // Under which name weights store the base of a kind: "base.iot".
  static std::string base_attribute(std::size_t kind);

 private:
  LstmNetwork network_;
  std::array<std::size_t, kStreamKinds.size()> bases_{};
};

class LstmForecaster {
 public:
  // The model outlives the forecaster.
  LstmForecaster(const ForecasterModel& model, const ForecastSeries& series);

  // The bin that has ended. Constant time.
  void update(const StreamBin& bin);

  // After at least one bin. The first is corrected by how earlier ones turned out.
  const Forecast& forecast() const { return calibrated_; }
  const Forecast& uncalibrated() const { return raw_; }

 private:
  const ForecasterModel& model_;
  ForecastFeatures features_;
  LstmState state_;
  ConformalCalibration calibration_;
  Forecast raw_{};
  Forecast calibrated_{};
};

}  // namespace weir
