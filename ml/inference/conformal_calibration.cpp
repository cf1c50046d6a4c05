#include "ml/inference/conformal_calibration.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.hpp"

namespace weir {

ConformalCalibration::ConformalCalibration(ConformalOptions options) : options_(options) {
  WEIR_CHECK(options.least_scores >= 1 && options.window >= options.least_scores,
             "a window that is never filled");
  for (auto& horizon : levels_) {
    for (std::size_t q = 0; q < kQuantileCount; ++q) horizon[q].target = kQuantiles[q];
  }
}

void ConformalCalibration::learn(Level& level, double score, bool is_above, double wanted) const {
  level.target += options_.rate * ((is_above ? 1 : 0) - (1 - wanted));
  // Unbounded it would have to walk all the way back after a long time of misses.
  level.target = std::clamp(level.target, 0.0, 1.0);
  level.scores.push_back(score);
  level.sorted.insert(std::ranges::upper_bound(level.sorted, score), score);
  if (level.scores.size() <= options_.window) return;
  level.sorted.erase(std::ranges::lower_bound(level.sorted, level.scores.front()));
  level.scores.pop_front();
}

void ConformalCalibration::update(double count) {
  for (std::size_t h = 0; h < kHorizonCount; ++h) {
    const auto age = static_cast<std::size_t>(kHorizons[h] - 1);
    if (age >= pending_.size()) continue;
    const Pending& made = pending_[age];
    for (std::size_t q = 0; q < kQuantileCount; ++q) {
      learn(levels_[h][q], count - made.raw[h][q], count > made.adjusted[h][q], kQuantiles[q]);
    }
  }
}

// Between two scores it is a mixture of both.
double ConformalCalibration::correction(const Level& level) const {
  if (level.sorted.size() < options_.least_scores) return 0;
  const double place = level.target * static_cast<double>(level.sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, level.sorted.size() - 1);
  const double share = place - std::floor(place);
  return (1 - share) * level.sorted[below] + share * level.sorted[above];
}

Forecast ConformalCalibration::adjust(const Forecast& forecast) {
  Forecast adjusted{};
  for (std::size_t h = 0; h < kHorizonCount; ++h) {
    double least = 0;
    for (std::size_t q = 0; q < kQuantileCount; ++q) {
      least = std::max(least, forecast[h][q] + correction(levels_[h][q]));
      adjusted[h][q] = least;
    }
  }
  pending_.push_front({forecast, adjusted});
  if (pending_.size() > static_cast<std::size_t>(kHorizons.back())) pending_.pop_back();
  return adjusted;
}

}  // namespace weir
