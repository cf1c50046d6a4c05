// The forecasters that everything learned is compared with. Each is fitted to a training span: its
// constants by search over a small grid, its quantiles from its own errors there.

#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "ml/inference/naive_forecasts.hpp"

namespace weir {

inline constexpr std::array<std::string_view, 6> kBaselineNames{
    "last_value", "ewma", "seasonal_naive", "holt_winters", "nlinear", "dlinear"};

struct BaselineOptions {
  // In bins, each at least 2; those of which three do not fit into the training span are left out.
  // The best one is taken.
  std::vector<int> periods = {5, 60};
};

class BaselineForecaster {
 public:
  // The least counts of a training span.
  static constexpr std::size_t kLeastTraining = 360;

  // `name` is one of kBaselineNames.
  BaselineForecaster(std::string_view name, std::span<const double> training,
                     const BaselineOptions& options = {});

  // The training span has been seen already, and the counts go on from its end.
  void update(double count) { point_->update(count); }

  Forecast forecast() const;

 private:
  std::unique_ptr<PointForecaster> point_;
  std::array<QuantileCounts, kHorizonCount> errors_{};  // quantiles of actual minus point forecast
};

}  // namespace weir
