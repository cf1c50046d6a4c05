// Keeps the quantiles of forecasts honest while a run goes on (adaptive conformal inference: Gibbs
// and Candes, "Adaptive conformal inference under distribution shift", NeurIPS 2021).
//
// For every horizon and level, a window keeps how far the counts that came lay above the quantile
// that was forecast, in counts: in units of a usual error they would, added to the next forecast,
// turn the burst that has just made the unit large into a larger one. The quantile of that window
// is added to new forecasts. Which quantile adapts: after a count above the calibrated forecast it
// rises, otherwise it falls, in steps whose sum is zero exactly when the level is met.

#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <vector>

#include "ml/inference/forecast.hpp"

namespace weir {

// The slower, the less a forecast loses that was right already: half an hour of scores and steps of
// a thousandth cost up to 2 % of the pinball loss there, and still reach 95 % where the forecast
// covers 92 %. (The paper's step of 0.005 and 500 scores cost 2 to 14 %.)
struct ConformalOptions {
  std::size_t window = 2000;       // scores of each horizon and level
  std::size_t least_scores = 200;  // before these the forecast stays as it is
  double rate = 0.001;             // of adaptation
};

class ConformalCalibration {
 public:
  explicit ConformalCalibration(ConformalOptions options = {});

  // The count of the bin that has ended: what came of earlier forecasts. Before adjust() of the
  // forecast made at its end.
  void update(double count);

  // Once per bin. The result is ordered and not negative, as forecasts are.
  Forecast adjust(const Forecast& forecast);

 private:
  struct Level {
    double target = 0;           // the quantile of the scores that is added now
    std::deque<double> scores;   // oldest first
    std::vector<double> sorted;  // the same
  };
  struct Pending {
    Forecast raw;
    Forecast adjusted;
  };

  void learn(Level& level, double score, bool is_above, double wanted) const;
  double correction(const Level& level) const;

  ConformalOptions options_;
  std::array<std::array<Level, kQuantileCount>, kHorizonCount> levels_;
  std::deque<Pending> pending_;  // newest first
};

}  // namespace weir
