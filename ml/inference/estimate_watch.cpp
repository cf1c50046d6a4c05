#include "ml/inference/estimate_watch.hpp"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

// Of heavy-tailed sizes one would else be worth all others. As the fit has it
// (ServiceFitOptions::most_ratio), which is right for the ratios so limited.
constexpr double kMostRatio = 20;
// Losing less per task than this, as a correction that is wrong by a fifth does, is not found here:
// either it does no harm, or responses tell (switchback.hpp).
constexpr double kAllowed = 0.02;
constexpr double kDispersionMemory = 200;  // tasks
constexpr double kLeastDispersion = 1;

}  // namespace

void EstimateWatch::add(double ratio, double correction) {
  const double counted = std::min(ratio, kMostRatio);
  const double corrected = counted * std::exp(-correction);
  mean_ += (corrected - mean_) / kDispersionMemory;
  square_ += (corrected * corrected - square_) / kDispersionMemory;
  // Squared coefficient of variation: it does not matter by what factor they are wrong.
  const double dispersion = std::max(kLeastDispersion, square_ / (mean_ * mean_) - 1);
  const double won = counted - correction - corrected;
  lost_ = std::clamp(lost_ - (won + kAllowed) / dispersion, 0.0, kHarm);
}

}  // namespace weir
