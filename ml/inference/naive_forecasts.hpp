// The naive forecasts: what a learned one has to beat, and what the LSTM starts from. Each is
// updated by one count per bin, in constant time.

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "ml/inference/forecast.hpp"

namespace weir {

class PointForecaster {
 public:
  virtual ~PointForecaster() = default;

  // The count of the bin that has ended.
  virtual void update(double count) = 0;

  // The count of the bin `horizon` bins after the last one; may be negative where a trend leads
  // there. `horizon` is at least 1. Zero before the first count.
  virtual double forecast(int horizon) const = 0;
};

class LastValue final : public PointForecaster {
 public:
  void update(double count) override { last_ = count; }
  double forecast(int /*horizon*/) const override { return last_; }

 private:
  double last_ = 0;
};

// An exponentially weighted mean; the first count starts it.
class Ewma final : public PointForecaster {
 public:
  // `weight` of the newest count: above 0, at most 1.
  explicit Ewma(double weight) : weight_(weight) {}
  void update(double count) override;
  double forecast(int /*horizon*/) const override { return mean_; }

 private:
  double weight_;
  double mean_ = 0;
  bool started_ = false;
};

// The count of the same phase of the last season; the last value until one season has passed.
class SeasonalNaive final : public PointForecaster {
 public:
  // In bins, at least 1.
  explicit SeasonalNaive(int period) : season_(static_cast<std::size_t>(period)) {}
  void update(double count) override;
  double forecast(int horizon) const override;

 private:
  std::vector<double> season_;  // by phase
  std::size_t updates_ = 0;
  double last_ = 0;
};

struct HoltWintersOptions {
  int period = 60;  // in bins, at least 1; 1: no season
  double level_weight = 0.2;
  double trend_weight = 0;  // 0: no trend
  double season_weight = 0.1;
};

// Additive level, damped trend and season (Winters 1960; damping: Gardner and McKenzie 1985). The
// first season gives the start; until it has passed the forecast is the mean.
class HoltWinters final : public PointForecaster {
 public:
  explicit HoltWinters(HoltWintersOptions options);
  void update(double count) override;
  double forecast(int horizon) const override;

 private:
  void start(double count);

  HoltWintersOptions options_;
  std::vector<double> season_;  // by phase
  std::size_t updates_ = 0;
  double level_ = 0;
  double trend_ = 0;
};

// The naive forecasts an LSTM may correct, side by side, with fixed constants: names are stored in
// weights.
class NaiveForecasts {
 public:
  static constexpr std::array<std::string_view, 4> kNames{"last_value", "ewma", "seasonal_naive",
                                                          "holt_winters"};
  static constexpr std::size_t kLastValue = 0;
  static constexpr std::size_t kEwma = 1;
  static constexpr std::size_t kSeasonalNaive = 2;
  static constexpr std::size_t kHoltWinters = 3;

  // The position in kNames, or nothing.
  static std::optional<std::size_t> position_of(std::string_view name);

  void update(double count);
  double forecast(std::size_t position, int horizon) const;

 private:
  // Half of the weight lies on the last two bins: what bursts leave.
  Ewma ewma_{0.3};
  LastValue last_;
  SeasonalNaive seasonal_{60};
  HoltWinters winters_{HoltWintersOptions{}};
};

}  // namespace weir
