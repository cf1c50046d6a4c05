#include "ml/inference/forecast_measures.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr double kLeastScale = 1e-9;

}  // namespace

double pinball_loss(double actual, double quantile, double level) {
  const double above = actual - quantile;
  return above >= 0 ? level * above : (level - 1) * above;
}

double naive_scale(std::span<const double> counts) {
  WEIR_CHECK(counts.size() >= 2, "a scale needs two counts");
  double sum = 0;
  for (std::size_t i = 1; i < counts.size(); ++i) sum += std::abs(counts[i] - counts[i - 1]);
  return std::max(kLeastScale, sum / static_cast<double>(counts.size() - 1));
}

double mase(std::span<const double> actual, std::span<const double> forecast, double scale) {
  WEIR_CHECK(!actual.empty() && actual.size() == forecast.size(), "forecasts do not match");
  double sum = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) sum += std::abs(actual[i] - forecast[i]);
  return sum / static_cast<double>(actual.size()) / scale;
}

double coverage(std::span<const double> actual, std::span<const double> quantile) {
  WEIR_CHECK(!actual.empty() && actual.size() == quantile.size(), "quantiles do not match");
  std::size_t covered = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) covered += actual[i] <= quantile[i] ? 1 : 0;
  return static_cast<double>(covered) / static_cast<double>(actual.size());
}

}  // namespace weir
