#include "tools/learning/forecast_scores.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "ml/inference/baseline_forecaster.hpp"
#include "ml/inference/forecast_measures.hpp"
#include "runtime/base/check.hpp"

namespace weir {
namespace {

constexpr std::uint64_t kFirstHeldOutSeed = 101;
// The LSTM comes first, with and without calibration; then the baselines.
constexpr std::ptrdiff_t kLstmRows = 2;

// Adds up what the forecasts of one method cost, as the counts come.
class Scorer {
 public:
  Scorer(std::string method, const std::vector<double>& counts, double scale)
      : method_(std::move(method)), counts_(counts), scale_(scale) {}

  // Made at the end of bin `now`.
  void add(std::size_t now, const Forecast& forecast) {
    for (std::size_t h = 0; h < kHorizonCount; ++h) {
      const std::size_t due = now + static_cast<std::size_t>(kHorizons[h]);
      if (due >= counts_.size()) continue;
      const double actual = counts_[due];
      Horizon& horizon = horizons_[h];
      for (std::size_t q = 0; q < kQuantileCount; ++q) {
        horizon.pinball += pinball_loss(actual, forecast[h][q], kQuantiles[q]) / kQuantileCount;
      }
      horizon.actual.push_back(actual);
      horizon.median.push_back(forecast[h][kMedian]);
      horizon.quantile95.push_back(forecast[h][kQuantile95]);
    }
  }

  ForecastScore score() const {
    ForecastScore result{.method = method_};
    for (std::size_t h = 0; h < kHorizonCount; ++h) {
      const Horizon& horizon = horizons_[h];
      const auto forecasts = static_cast<double>(horizon.actual.size());
      result.horizons[h] = {.pinball = horizon.pinball / (forecasts * scale_),
                            .mase = mase(horizon.actual, horizon.median, scale_),
                            .coverage95 = coverage(horizon.actual, horizon.quantile95)};
    }
    return result;
  }

 private:
  struct Horizon {
    double pinball = 0;  // over all forecasts
    std::vector<double> actual;
    std::vector<double> median;
    std::vector<double> quantile95;
  };

  std::string method_;
  const std::vector<double>& counts_;
  double scale_;
  std::array<Horizon, kHorizonCount> horizons_;
};

HorizonScore sum_of(HorizonScore a, const HorizonScore& b) {
  return {a.pinball + b.pinball, a.mase + b.mase, a.coverage95 + b.coverage95};
}

HorizonScore divided(const HorizonScore& sum, std::size_t count) {
  const auto by = static_cast<double>(count);
  return {sum.pinball / by, sum.mase / by, sum.coverage95 / by};
}

std::vector<ForecastScore> score_lstm(const StreamUnderTest& stream, const ForecasterModel& model,
                                      const std::vector<double>& counts, double scale) {
  Scorer calibrated("lstm", counts, scale);
  Scorer raw("lstm_uncalibrated", counts, scale);
  LstmForecaster forecaster(model, model.series_of(stream.kernel, stream.day_s));
  for (std::size_t now = 0; now < stream.bins.size(); ++now) {
    forecaster.update(stream.bins[now]);
    if (now < counts.size() / 2) continue;
    calibrated.add(now, forecaster.forecast());
    raw.add(now, forecaster.uncalibrated());
  }
  return {calibrated.score(), raw.score()};
}

StreamUnderTest held_out_stream(const std::string& name, double rate_per_s, std::size_t bin_count,
                                std::uint64_t seed) {
  const auto stream =
      make_stream(name, {.rate_per_s = rate_per_s,
                         .duration = static_cast<Duration::rep>(bin_count + 1) * kForecastBin,
                         .seed = seed});
  StreamUnderTest result{.name = name, .kernel = std::string(stream->kernel()), .bins = {}};
  if (result.kernel == "social") result.day_s = SocialOptions{}.day_s;
  result.bins = bins_of(*stream, bin_count);
  // A stream whose last bins are empty ends early.
  result.bins.resize(bin_count);
  return result;
}

// With the day where three of it fit: of another time scale it may be any number of seconds.
BaselineOptions baseline_options(double day_s, std::size_t training_count) {
  BaselineOptions options{.periods = {5, 60}};
  if (day_s >= 2 && 3 * day_s <= static_cast<double>(training_count)) {
    options.periods.push_back(static_cast<int>(std::lround(day_s)));
  }
  return options;
}

}  // namespace

HorizonScore ForecastScore::mean() const {
  HorizonScore sum;
  for (const HorizonScore& horizon : horizons) sum = sum_of(sum, horizon);
  return divided(sum, kHorizonCount);
}

std::vector<ForecastScore> score_forecasts(const StreamUnderTest& stream,
                                           const ForecasterModel& model) {
  WEIR_CHECK(stream.bins.size() >= kLeastScoredBins, "too few bins to score forecasts");
  const std::vector<double> counts = counts_of(stream.bins);
  const std::span training = std::span(counts).first(counts.size() / 2);
  const double scale = naive_scale(training);
  std::vector<ForecastScore> scores = score_lstm(stream, model, counts, scale);
  const BaselineOptions options = baseline_options(stream.day_s, training.size());
  for (const std::string_view name : kBaselineNames) {
    BaselineForecaster baseline(name, training, options);
    Scorer scorer(std::string(name), counts, scale);
    for (std::size_t now = training.size(); now < counts.size(); ++now) {
      baseline.update(counts[now]);
      scorer.add(now, baseline.forecast());
    }
    scores.push_back(scorer.score());
  }
  return scores;
}

std::vector<std::string> scored_streams() {
  std::vector<std::string> names;
  for (const std::string_view name : stream_names()) {
    if (!name.ends_with(":poisson")) names.emplace_back(name);
  }
  return names;
}

std::vector<std::vector<ForecastScore>> score_held_out(const std::string& name, int seed_count,
                                                       double rate_per_s, std::size_t bin_count,
                                                       const ForecasterModel& model) {
  std::vector<std::vector<ForecastScore>> scores;
  for (int i = 0; i < seed_count; ++i) {
    const auto seed = kFirstHeldOutSeed + static_cast<std::uint64_t>(i);
    scores.push_back(score_forecasts(held_out_stream(name, rate_per_s, bin_count, seed), model));
  }
  return scores;
}

std::vector<ForecastScore> mean_of(const std::vector<std::vector<ForecastScore>>& scores) {
  WEIR_CHECK(!scores.empty(), "the mean of nothing");
  std::vector<ForecastScore> means = scores.front();
  for (std::size_t method = 0; method < means.size(); ++method) {
    for (std::size_t h = 0; h < kHorizonCount; ++h) {
      HorizonScore sum;
      for (const auto& each : scores) sum = sum_of(sum, each[method].horizons[h]);
      means[method].horizons[h] = divided(sum, scores.size());
    }
  }
  return means;
}

ForecastRatio against_best_baseline(const std::vector<std::vector<ForecastScore>>& scores,
                                    double HorizonScore::*loss) {
  const std::vector<ForecastScore> means = mean_of(scores);
  const auto best =
      std::ranges::min_element(means.begin() + kLstmRows, means.end(), {},
                               [loss](const ForecastScore& score) { return score.mean().*loss; });
  const auto method = static_cast<std::size_t>(best - means.begin());
  std::vector<double> lstm;
  std::vector<double> baseline;
  for (const auto& each : scores) {
    lstm.push_back(each.front().mean().*loss);
    baseline.push_back(each[method].mean().*loss);
  }
  return {best->method, ratio_of_means(lstm, baseline)};
}

}  // namespace weir
