#include "tools/learning/train_options.hpp"

#include <boost/program_options.hpp>
#include <sstream>

#include "runtime/base/error.hpp"
#include "tools/command_line.hpp"
#include "tools/option_values.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

// A million seeds of streams belong to each seed of a training; those below the first million are
// for evaluation.
constexpr OptionBounds kTrainingSeed{1, 1e9};

po::options_description described_options() {
  po::options_description all("weir train forecaster: an LSTM that forecasts streams");
  auto add = all.add_options();
  add("preset", po::value<std::string>(),
      "quick: seconds, to see that it works; shipped (default): the weights in ml/weights, some "
      "minutes of one core");
  add("seed", po::value<std::string>(), "of streams and first weights, 1 or more (default 1)");
  add("out", po::value<std::string>(),
      "file of the weights (default KIND.h5); NAME.curves.h5 and NAME.svg lie beside it");
  add("epochs", po::value<std::string>(), "at most, in place of the preset's");
  add("resume", po::bool_switch(), "go on where a training with the same options was stopped");
  add("progress", po::bool_switch(), "show the progress line although no terminal is seen");
  add("quiet", po::bool_switch(), "print nothing but the result, warnings and errors");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

void require_a_place_of_its_own(const TrainOptions& options) {
  for (const char* extension : {kCheckpointExtension, kCurvesExtension, kPictureExtension}) {
    if (options.out != options.beside_out(extension)) continue;
    throw Error("the weights would lie where another file of the training does",
                "--out " + options.out.string(),
                "a name that does not end in ." + std::string(extension),
                "--out " + options.beside_out("h5").string());
  }
}

TrainOptions read(const po::variables_map& given) {
  TrainOptions options;
  options.kind = given["kind"].as<std::string>();
  options.resume = given["resume"].as<bool>();
  options.progress = given["progress"].as<bool>();
  options.quiet = given["quiet"].as<bool>();
  if (given.count("preset")) options.preset = given["preset"].as<std::string>();
  if (given.count("epochs")) {
    const std::string text = given["epochs"].as<std::string>();
    whole_number_of({"epochs", text, "30"}, {1, 10'000});
    options.settings["epochs"] = text;
  }
  if (given.count("seed")) {
    options.seed = whole_number_of({"seed", given["seed"].as<std::string>(), "1"}, kTrainingSeed);
  }
  options.out = given.count("out") ? given["out"].as<std::string>() : options.kind + ".h5";
  require_a_place_of_its_own(options);
  return options;
}

}  // namespace

std::filesystem::path TrainOptions::beside_out(const std::string& extension) const {
  return std::filesystem::path(out).replace_extension(extension);
}

TrainOptions parse_train_options(const std::vector<std::string>& arguments) {
  po::options_description all = described_options();
  all.add_options()("kind", po::value<std::string>());
  const po::variables_map given = read_command_line(
      arguments, all,
      {"train", "kind", 1, "what to train and options as `weir train --help` lists them"});
  if (given["help"].as<bool>()) return {.help = true};
  if (!given.count("kind")) {
    throw Error("weir train does not know what to train", "no kind of weights", "forecaster",
                "weir train forecaster");
  }
  return read(given);
}

std::string train_help() {
  std::ostringstream text;
  text
      << "usage: weir train forecaster [options]\n\n"
      << described_options()
      << "\nAfter Ctrl-C the training ends with the epoch that is running, and --resume goes on. "
         "Weights\nand curves are the same, bit for bit, as without the stop. Before the first "
         "epoch nothing is\nkept. Equal seeds give equal weights on one machine. At the end the "
         "weights are scored on\nstreams that no training has seen, and the scores are stored with "
         "them. Training needs a weir\nbuilt with LibTorch.\n";
  return text.str();
}

}  // namespace weir
