#include "tools/learning/train_options.hpp"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <sstream>
#include <string_view>

#include "runtime/base/error.hpp"
#include "tools/command/command_line.hpp"
#include "tools/command/option_values.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

// A million seeds of streams belong to each seed of a training; those below the first million are
// for evaluation.
constexpr OptionBounds kTrainingSeed{1, 1e9};

// Of weights. The first three are what training modules and the scorer's own training go by.
constexpr std::array<std::string_view, 4> kKinds{"forecaster", "scorer", "control", kAllKinds};
constexpr std::array<std::string_view, 2> kPresets{"quick", "shipped"};

po::options_description options_of_train() {
  po::options_description all("weir train KIND");
  auto add = all.add_options();
  add("preset", po::value<std::string>(),
      "quick: seconds, to see that it works; shipped (default): as those that come with weir were "
      "trained, some minutes");
  add("seed", po::value<std::string>(),
      "of streams, worlds and first weights, 1 or more (default 1)");
  add("out", po::value<std::string>(),
      "file of the weights (default KIND.h5); NAME.curves.h5 and NAME.svg lie beside it. all: "
      "their folder (default: here)");
  add("epochs", po::value<std::string>(), "forecaster: at most, in place of the preset's");
  add("rounds", po::value<std::string>(), "scorer and control: in place of the preset's");
  add("level", po::value<std::string>(),
      "control: cluster (default), log-prices of classes at nodes; node, limits of classes there; "
      "system, capacity that is switched on");
  add("scenario", po::value<std::vector<std::string>>(),
      "scorer: FILE or FILE@NAME=VALUE@..., a world to learn from and to judge by, in place of the "
      "preset's; may be repeated");
  add("from", po::value<std::string>(),
      "scorer: a record of `weir run` or `weir simulate` with --record-placements, to learn from "
      "in place of worlds");
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

void add_settings(const po::variables_map& given, std::map<std::string, std::string>& settings) {
  for (const auto& [name, most] : {std::pair{"epochs", 10'000}, std::pair{"rounds", 1000}}) {
    if (!given.count(name)) continue;
    const std::string text = given[name].as<std::string>();
    whole_number_of({name, text, "30"}, {1, static_cast<double>(most)});
    settings[name] = text;
  }
  if (given.count("level")) settings["level"] = given["level"].as<std::string>();
  if (given.count("from")) settings["from"] = given["from"].as<std::string>();
  if (!given.count("scenario")) return;
  for (const std::string& text : given["scenario"].as<std::vector<std::string>>()) {
    settings["scenario." + std::to_string(settings.size())] = text;
  }
}

std::string kind_of(const po::variables_map& given) {
  const std::string kind = given.count("kind") ? given["kind"].as<std::string>() : "";
  if (std::ranges::find(kKinds, kind) != kKinds.end()) return kind;
  throw Error("weir train does not know what to train",
              kind.empty() ? "no kind of weights" : "'" + kind + "'",
              "forecaster, scorer, control or all", "weir train scorer");
}

// Checked here, as a training would refuse it only when folders are made.
std::string preset_of(const po::variables_map& given, const TrainOptions& options) {
  if (!given.count("preset")) return options.preset;
  const std::string preset = given["preset"].as<std::string>();
  if (given.count("from")) {
    throw Error("a training from a record has no presets", "--from beside --preset " + preset,
                "one of them", "weir train scorer --from run.h5");
  }
  if (std::ranges::find(kPresets, preset) != kPresets.end()) return preset;
  throw Error("there is no such preset", "--preset " + preset, "quick or shipped",
              "--preset quick");
}

std::vector<std::string> settings_of(const std::string& kind) {
  if (kind == "forecaster") return {"epochs"};
  if (kind == "scorer") return {"rounds", "scenario", "from"};
  if (kind == "control") return {"rounds", "level"};
  return {};
}

void refuse_settings_of_others(const TrainOptions& options) {
  const std::vector<std::string> known = settings_of(options.kind);
  for (const auto& [key, text] : options.settings) {
    const std::string name = key.substr(0, key.find('.'));  // without the number of a scenario
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string needed = "--preset, --seed";
    for (const std::string& each : known) needed += ", --" + each;
    throw Error("there is no such setting of weir train " + options.kind, "--" + name + " " + text,
                needed, "weir train " + options.kind + " --preset quick");
  }
}

TrainOptions read(const po::variables_map& given) {
  TrainOptions options;
  options.kind = kind_of(given);
  options.resume = given["resume"].as<bool>();
  options.progress = given["progress"].as<bool>();
  options.quiet = given["quiet"].as<bool>();
  options.preset = preset_of(given, options);
  add_settings(given, options.settings);
  refuse_settings_of_others(options);
  if (given.count("seed")) {
    options.seed = whole_number_of({"seed", given["seed"].as<std::string>(), "1"}, kTrainingSeed);
  }
  if (options.kind == kAllKinds) {
    options.out = given.count("out") ? given["out"].as<std::string>() : ".";
    return options;
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
  po::options_description all = options_of_train();
  all.add_options()("kind", po::value<std::string>());
  const po::variables_map given = read_command_line(
      arguments, all,
      {"train", "kind", 1, "what to train and options as `weir train --help` lists them"});
  if (given["help"].as<bool>()) return {.help = true};
  return read(given);
}

std::string train_help() {
  std::ostringstream text;
  text
      << "usage: weir train forecaster|scorer|control|all [options]\n\n"
         "  forecaster  an LSTM that forecasts streams; needs a weir built with LibTorch\n"
         "  scorer      the network by which the policy `learned` corrects the services that\n"
         "              nodes tell of, on all cores\n"
         "  control     the Q-network by which coordinators of `learned` price nodes; needs\n"
         "              LibTorch, too\n"
         "  all         these three, and control of the other levels as capacity and limits, one\n"
         "              after the other, into the folder --out; says how long each took\n\n"
      << options_of_train()
      << "\nAfter Ctrl-C a training ends, and --resume goes on after the last epoch or round that "
         "was done.\nWeights and curves are the same, bit for bit, as without the stop. Before the "
         "first epoch or\nround nothing is kept. Equal seeds give equal weights on one machine. "
         "The forecaster's weights\nare scored at the end on streams that no training has seen, "
         "and the scores are stored with them;\nthe scorer's hold what each world came to.\n";
  return text.str();
}

}  // namespace weir
