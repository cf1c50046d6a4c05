#include "tools/learning/held_out_figures.hpp"

#include <algorithm>
#include <cstdio>

#include "ml/inference/lstm_forecaster.hpp"
#include "tools/learning/forecast_scores.hpp"

namespace weir {
namespace {

std::string figures_of(const std::vector<std::vector<ForecastScore>>& scores) {
  const auto means = mean_of(scores);
  const HorizonScore lstm = means.front().mean();
  const ForecastRatio ratio = against_best_baseline(scores, &HorizonScore::pinball);
  const HorizonScore best =
      std::ranges::find(means, ratio.baseline, &ForecastScore::method)->mean();
  char text[160];
  std::snprintf(text, sizeof text,
                "pinball %.4f, MASE %.3f, q95 covers %.1f %%; best baseline %s: pinball %.4f, "
                "MASE %.3f",
                lstm.pinball, lstm.mase, 100 * lstm.coverage95, ratio.baseline.c_str(),
                best.pinball, best.mase);
  return text;
}

}  // namespace

std::vector<std::string> add_held_out_figures(const std::filesystem::path& weights,
                                              const HeldOutOptions& options) {
  WeightFile file = read_weights(weights, std::string(kForecasterKind), kForecasterSchema);
  const ForecasterModel model(file, weights);
  std::vector<std::string> lines;
  for (const std::string& name : scored_streams()) {
    const std::string figures = figures_of(
        score_held_out(name, options.seed_count, options.rate_per_s, options.bin_count, model));
    file.provenance["held_out." + name] = figures;
    lines.push_back(name + ": " + figures);
  }
  write_weights(file, weights);
  return lines;
}

}  // namespace weir
