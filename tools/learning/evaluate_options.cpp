#include "tools/learning/evaluate_options.hpp"

#include <boost/program_options.hpp>
#include <sstream>

#include "runtime/base/error.hpp"
#include "tools/command/command_line.hpp"
#include "tools/command/option_values.hpp"
#include "tools/learning/forecast_scores.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

using Texts = std::vector<std::string>;

po::options_description options_of_forecasts() {
  po::options_description all("weir evaluate forecaster: its forecasts against the baselines");
  auto add = all.add_options();
  add("weights", po::value<std::string>(), "file of weights (default: those that come with weir)");
  add("stream", po::value<Texts>(),
      "a generated stream; may be repeated (default: all that are no Poisson process)");
  add("trace", po::value<Texts>(),
      "a trace file, FILE@N to replay it N times faster: bins of one second then hold N seconds "
      "of it; may be repeated");
  add("seeds", po::value<std::string>(),
      "held-out seeds of each generated stream (default 5); 0: traces only");
  add("rate", po::value<std::string>(), "tasks/s of generated streams (default 300)");
  add("bins", po::value<std::string>(),
      "seconds of each generated stream (default 3600), half of them for fitting");
  add("trace-bins", po::value<std::string>(), "of each trace, at most (default 20000)");
  add("by-horizon", po::bool_switch(), "one row for each horizon instead of their mean");
  add("markdown", po::bool_switch(), "print the table as markdown");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

// "FILE@144", or a file alone. What stands behind an @ of a folder's name is no number.
EvaluatedTrace trace_in(const std::string& text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string::npos || text.find('/', at) != std::string::npos) return {text};
  return {text.substr(0, at), number_of({"trace", text.substr(at + 1), "FILE@144"},
                                        "a time scale behind the @", kTimeScale)};
}

EvaluateOptions read(const po::variables_map& given) {
  EvaluateOptions options;
  options.by_horizon = given["by-horizon"].as<bool>();
  options.markdown = given["markdown"].as<bool>();
  const auto number = [&](const char* name, std::size_t otherwise, OptionBounds bounds) {
    if (!given.count(name)) return otherwise;
    return static_cast<std::size_t>(
        whole_number_of({name, given[name].as<std::string>(), std::to_string(otherwise)}, bounds));
  };
  const OptionBounds bins{kLeastScoredBins, 1e7};
  options.seed_count = static_cast<int>(number("seeds", 5, {0, 1000}));
  options.bin_count = number("bins", options.bin_count, bins);
  options.trace_bin_count = number("trace-bins", options.trace_bin_count, bins);
  if (given.count("rate")) {
    options.rate_per_s = number_of({"rate", given["rate"].as<std::string>(), "300"},
                                   "tasks per second,", kTasksPerSecond);
  }
  if (given.count("weights")) options.weights = given["weights"].as<std::string>();
  options.streams = given.count("stream") ? given["stream"].as<Texts>() : scored_streams();
  if (given.count("trace")) {
    for (const std::string& text : given["trace"].as<Texts>()) {
      options.traces.push_back(trace_in(text));
    }
  }
  if (options.seed_count == 0 && options.traces.empty()) {
    throw Error("there is nothing to evaluate", "--seeds 0 and no --trace", "streams or traces",
                "--seeds 5");
  }
  return options;
}

}  // namespace

EvaluateOptions parse_evaluate_options(const std::vector<std::string>& arguments) {
  po::options_description all = options_of_forecasts();
  all.add_options()("kind", po::value<std::string>());
  const po::variables_map given = read_command_line(
      arguments, all,
      {"evaluate", "kind", 1, "what to evaluate and options as `weir evaluate --help` lists them"});
  if (given["help"].as<bool>()) return {.help = true};
  const std::string kind = given.count("kind") ? given["kind"].as<std::string>() : "";
  if (kind != "forecaster") {
    throw Error("weir evaluate does not know what to evaluate",
                kind.empty() ? "no kind of weights" : "'" + kind + "'", "forecaster",
                "weir evaluate forecaster");
  }
  return read(given);
}

std::string evaluate_help() {
  std::ostringstream text;
  text
      << "usage: weir evaluate forecaster [options]\n\n"
      << options_of_forecasts()
      << "\nThe first half of each stream fits the baselines, the second half is forecast. Pinball "
         "loss\nand MASE are in units of the stream's mean one-step change, so below 1 beats the "
         "last value\none bin ahead. The 95 % quantile should cover 93 to 97 %.\n";
  return text.str();
}

}  // namespace weir
