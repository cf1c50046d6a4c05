// Linear maps from the last 120 counts to each horizon (Zeng, Chen, Zhang and Xu, "Are transformers
// effective for time series forecasting?", AAAI 2023), which many larger networks do not beat.
//
// NLinear takes the last count away from all inputs and adds it to the result; DLinear takes a
// moving average apart from the remainder, each with weights of its own. Fitted by ridge least
// squares; the penalty is chosen on the last fifth of the training span.

#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "ml/inference/naive_forecasts.hpp"

namespace weir {

inline constexpr int kLookBack = 120;  // bins

enum class LinearForm { kNLinear, kDLinear };

class LinearForecast final : public PointForecaster {
 public:
  // Fits to `training`: at least kLeastTraining counts.
  static constexpr std::size_t kLeastTraining = 3 * kLookBack;
  LinearForecast(LinearForm form, std::span<const double> training);

  void update(double count) override;
  // One of kHorizons.
  double forecast(int horizon) const override;

 private:
  LinearForm form_;
  std::vector<double> coefficients_;  // horizons x inputs
  std::vector<double> recent_;        // the last kLookBack counts, oldest first
  std::array<double, kHorizonCount> next_{};
};

}  // namespace weir
