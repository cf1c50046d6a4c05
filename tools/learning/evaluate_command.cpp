#include "tools/learning/evaluate_command.hpp"

#include <cstdio>

#include "runtime/base/error.hpp"
#include "tools/experiment/text_table.hpp"
#include "tools/learning/evaluate_options.hpp"
#include "tools/learning/forecast_scores.hpp"
#include "tools/option_values.hpp"

namespace weir {
namespace {

constexpr double kSecondsPerDay = 86'400;

std::string decimals(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

void add_row(TextTable& table, const std::string& stream, const std::string& method,
             const std::string& horizon, const HorizonScore& score) {
  table.add({stream, method, horizon, decimals(score.pinball, 4), decimals(score.mase, 3),
             decimals(100 * score.coverage95, 1)});
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

}  // namespace

int evaluate_command(const std::vector<std::string>& arguments, std::ostream& out) {
  const EvaluateOptions options = parse_evaluate_options(arguments);
  if (options.help) {
    out << evaluate_help();
    return 0;
  }
  const ForecasterModel model(options.weights);
  TextTable table({"stream", "method", "horizon s", "pinball", "MASE", "coverage of q95 %"});
  for (const std::string& name : options.streams) {
    if (options.seed_count == 0) break;
    add_rows(table, name,
             score_held_out(name, options.seed_count, options.rate_per_s, options.bin_count, model),
             options.by_horizon);
  }
  for (const EvaluatedTrace& trace : options.traces) {
    const StreamUnderTest stream = replayed(trace, options.trace_bin_count);
    add_rows(table, stream.name, score_forecasts(stream, model), options.by_horizon);
  }
  if (options.markdown) {
    table.print_markdown(out);
  } else {
    table.print_text(out);
  }
  out << std::flush;
  return 0;
}

}  // namespace weir
