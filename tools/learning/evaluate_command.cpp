#include "tools/learning/evaluate_command.hpp"

#include <cmath>

#include "runtime/base/error.hpp"
#include "tools/command/option_values.hpp"
#include "tools/experiment/comparison_report.hpp"
#include "tools/experiment/text_table.hpp"
#include "tools/learning/evaluate_options.hpp"
#include "tools/learning/evaluate_placement.hpp"
#include "tools/learning/forecast_scores.hpp"
#include "tools/learning/one_process.hpp"

namespace weir {
namespace {

constexpr double kSecondsPerDay = 86'400;

void add_row(TextTable& table, const std::string& stream, const std::string& method,
             const std::string& horizon, const HorizonScore& score) {
  table.add({stream, method, horizon, number_text(score.pinball, 4), number_text(score.mase, 3),
             number_text(100 * score.coverage95, 1)});
}

void add_rows(TextTable& table, const std::string& stream, const std::vector<ForecastScore>& scores,
              bool by_horizon) {
  for (const ForecastScore& score : scores) {
    if (!by_horizon) {
      add_row(table, stream, score.method, "all", score.mean());
      continue;
    }
    for (std::size_t h = 0; h < kHorizonCount; ++h) {
      add_row(table, stream, score.method, std::to_string(kHorizons[h]), score.horizons[h]);
    }
  }
}

void add_ratio(TextTable& table, const std::string& stream, const std::string& loss,
               const ForecastRatio& ratio) {
  const bool has_interval = std::isfinite(ratio.loss.low);
  const std::string interval =
      has_interval ? number_text(ratio.loss.low, 3) + " to " + number_text(ratio.loss.high, 3)
                   : "-";
  table.add({stream, loss, ratio.baseline, number_text(ratio.loss.ratio, 3), interval});
}

StreamUnderTest replayed(const EvaluatedTrace& trace, std::size_t most_bins) {
  const auto stream = open_trace(trace.file, {.time_scale = trace.time_scale});
  StreamUnderTest result{.name = std::string(stream->name()),
                         .kernel = std::string(stream->kernel()),
                         .day_s = kSecondsPerDay / trace.time_scale,
                         .bins = bins_of(*stream, most_bins)};
  if (trace.time_scale != 1) result.name += "@" + number_text(trace.time_scale);
  if (result.bins.size() < kLeastScoredBins) {
    throw Error("trace " + trace.file.string() + " is too short to forecast",
                std::to_string(result.bins.size()) + " bins of a second",
                std::to_string(kLeastScoredBins) + " at least",
                "a lower time scale, as in FILE@0.1, or another trace");
  }
  return result;
}

int evaluate_forecaster(const std::vector<std::string>& arguments, std::ostream& out) {
  const EvaluateOptions options = parse_evaluate_options(arguments);
  if (options.help) {
    out << evaluate_help();
    return 0;
  }
  refuse_several_ranks();
  const ForecasterModel model(options.weights);
  TextTable table({"stream", "method", "horizon s", "pinball", "MASE", "coverage of q95 %"});
  TextTable ratios({"stream", "loss", "best baseline", "LSTM / best", "95 % interval"});
  for (const std::string& name : options.streams) {
    if (options.seed_count == 0) break;
    const auto scores =
        score_held_out(name, options.seed_count, options.rate_per_s, options.bin_count, model);
    add_rows(table, name, mean_of(scores), options.by_horizon);
    add_ratio(ratios, name, "pinball", against_best_baseline(scores, &HorizonScore::pinball));
    add_ratio(ratios, name, "MASE", against_best_baseline(scores, &HorizonScore::mase));
  }
  for (const EvaluatedTrace& trace : options.traces) {
    const StreamUnderTest stream = replayed(trace, options.trace_bin_count);
    add_rows(table, stream.name, score_forecasts(stream, model), options.by_horizon);
  }
  const auto print = [&](const TextTable& each) {
    if (options.markdown) {
      each.print_markdown(out);
    } else {
      each.print_text(out);
    }
  };
  print(table);
  if (options.seed_count > 0) {
    out << "\nOn the same seeds (paired bootstrap; an interval needs " << kLeastPairs
        << " of them):\n\n";
    print(ratios);
  }
  out << std::flush;
  return 0;
}

}  // namespace

int evaluate_command(const std::vector<std::string>& arguments, std::ostream& out) {
  const bool is_of_forecasts = !arguments.empty() && arguments.front() == kForecasterKind;
  return is_of_forecasts ? evaluate_forecaster(arguments, out) : evaluate_placement(arguments, out);
}

}  // namespace weir
