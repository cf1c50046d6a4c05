// How good forecasts of one stream are, with the same protocol for everything that forecasts.
//
// The first half of the bins is for fitting: the baselines take their constants and the spread of
// their errors from it; the LSTM, whose weights are frozen, sees it as any stream that has been
// running for a while. Every bin of the second half is then forecast.

#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "ml/inference/lstm_forecaster.hpp"
#include "tools/experiment/paired_bootstrap.hpp"

namespace weir {

struct StreamUnderTest {
  std::string name;
  std::string kernel;
  double day_s = 86'400;  // as in ForecastSeries
  std::vector<StreamBin> bins;
};

// Fewer are refused: half of them has to fit the linear baselines.
inline constexpr std::size_t kLeastScoredBins = 720;

struct HorizonScore {
  // In units of the stream's mean one-step change in the first half.
  double pinball = 0;  // mean over the quantiles
  double mase = 0;     // of the median
  double coverage95 = 0;
};

struct ForecastScore {
  std::string method;  // "lstm", "lstm_uncalibrated" or a name of kBaselineNames
  std::array<HorizonScore, kHorizonCount> horizons{};

  HorizonScore mean() const;
};

// One for each method, the LSTM first. At least kLeastScoredBins bins.
std::vector<ForecastScore> score_forecasts(const StreamUnderTest& stream,
                                           const ForecasterModel& model);

// The generated streams to score on: all but the Poisson processes, which have nothing to forecast.
std::vector<std::string> scored_streams();

// Of so many held-out streams of a generator, one after the other: their seeds lie below a million,
// and so belong to no training. The day is the generator's.
std::vector<std::vector<ForecastScore>> score_held_out(const std::string& name, int seed_count,
                                                       double rate_per_s, std::size_t bin_count,
                                                       const ForecasterModel& model);

// The mean of the same methods over several streams. Not empty, and in the same order.
std::vector<ForecastScore> mean_of(const std::vector<std::vector<ForecastScore>>& scores);

// The LSTM against the baseline with the least mean loss, over the same streams.
struct ForecastRatio {
  std::string baseline;
  RatioEstimate loss;  // below 1: the LSTM loses less
};
ForecastRatio against_best_baseline(const std::vector<std::vector<ForecastScore>>& scores,
                                    double HorizonScore::*loss);

}  // namespace weir
