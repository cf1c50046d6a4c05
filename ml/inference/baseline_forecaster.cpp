#include "ml/inference/baseline_forecaster.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "ml/inference/linear_forecasts.hpp"
#include "runtime/base/check.hpp"

namespace weir {
namespace {

using Maker = std::function<std::unique_ptr<PointForecaster>()>;

// Errors before this are those of a start, not of the method.
std::size_t warm_up(std::span<const double> training) {
  return std::max<std::size_t>(kLookBack, training.size() / 4);
}

// Calls `use(horizon position, error)` for all forecasts of the training span whose bin is in it.
template <typename Use>
void run_over(PointForecaster& point, std::span<const double> training, const Use& use) {
  for (std::size_t now = 0; now < training.size(); ++now) {
    point.update(training[now]);
    if (now < warm_up(training)) continue;
    for (std::size_t h = 0; h < kHorizonCount; ++h) {
      const std::size_t due = now + static_cast<std::size_t>(kHorizons[h]);
      if (due < training.size()) use(h, training[due] - point.forecast(kHorizons[h]));
    }
  }
}

std::unique_ptr<PointForecaster> best_of(const std::vector<Maker>& candidates,
                                         std::span<const double> training) {
  const Maker* best = &candidates.front();
  double least = std::numeric_limits<double>::infinity();
  for (const Maker& candidate : candidates) {
    const auto point = candidate();
    double sum = 0;
    run_over(*point, training, [&](std::size_t, double error) { sum += std::abs(error); });
    if (sum < least) {
      least = sum;
      best = &candidate;
    }
  }
  return (*best)();
}

std::vector<Maker> ewma_grid() {
  std::vector<Maker> grid;
  for (const double weight : {0.01, 0.03, 0.1, 0.2, 0.4, 0.7}) {
    grid.push_back([weight] { return std::make_unique<Ewma>(weight); });
  }
  return grid;
}

std::vector<int> fitting_periods(const BaselineOptions& options, std::size_t training_count) {
  std::vector<int> periods;
  for (const int period : options.periods) {
    WEIR_CHECK(period >= 2, "a season of one bin");
    if (3 * static_cast<std::size_t>(period) <= training_count) periods.push_back(period);
  }
  return periods;
}

std::vector<Maker> seasonal_grid(const std::vector<int>& periods) {
  // Where no season fits, the last value is what is left of it.
  std::vector<Maker> grid;
  for (const int period : periods) {
    grid.push_back([period] { return std::make_unique<SeasonalNaive>(period); });
  }
  if (grid.empty()) grid.push_back([] { return std::make_unique<LastValue>(); });
  return grid;
}

std::vector<Maker> winters_grid(std::vector<int> periods) {
  periods.push_back(1);
  std::vector<Maker> grid;
  for (const int period : periods) {
    for (const double level : {0.01, 0.05, 0.2, 0.5}) {
      for (const double trend : {0.0, 0.02, 0.1}) {
        for (const double season : {0.05, 0.2}) {
          const HoltWintersOptions options{period, level, trend, season};
          grid.push_back([options] { return std::make_unique<HoltWinters>(options); });
          if (period == 1) break;  // without a season its weight does not matter
        }
      }
    }
  }
  return grid;
}

std::unique_ptr<PointForecaster> fitted(std::string_view name, std::span<const double> training,
                                        const BaselineOptions& options) {
  const std::vector<int> periods = fitting_periods(options, training.size());
  if (name == "last_value") return std::make_unique<LastValue>();
  if (name == "ewma") return best_of(ewma_grid(), training);
  if (name == "seasonal_naive") return best_of(seasonal_grid(periods), training);
  if (name == "holt_winters") return best_of(winters_grid(periods), training);
  if (name == "nlinear") return std::make_unique<LinearForecast>(LinearForm::kNLinear, training);
  WEIR_CHECK(name == "dlinear", "no such baseline");
  return std::make_unique<LinearForecast>(LinearForm::kDLinear, training);
}

double quantile_of(std::vector<double>& sorted, double level) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::lround(level * last))];
}

}  // namespace

BaselineForecaster::BaselineForecaster(std::string_view name, std::span<const double> training,
                                       const BaselineOptions& options) {
  WEIR_CHECK(training.size() >= kLeastTraining, "too few counts to fit a baseline");
  point_ = fitted(name, training, options);
  std::array<std::vector<double>, kHorizonCount> errors;
  run_over(*point_, training, [&](std::size_t h, double error) { errors[h].push_back(error); });
  for (std::size_t h = 0; h < kHorizonCount; ++h) {
    std::ranges::sort(errors[h]);
    for (std::size_t q = 0; q < kQuantileCount; ++q) {
      errors_[h][q] = quantile_of(errors[h], kQuantiles[q]);
    }
  }
}

Forecast BaselineForecaster::forecast() const {
  Forecast forecast{};
  for (std::size_t h = 0; h < kHorizonCount; ++h) {
    const double point = point_->forecast(kHorizons[h]);
    for (std::size_t q = 0; q < kQuantileCount; ++q) {
      forecast[h][q] = std::max(0.0, point + errors_[h][q]);
    }
  }
  return forecast;
}

}  // namespace weir
