#include "tools/experiment/compare_options.hpp"

#include <boost/program_options.hpp>
#include <sstream>
#include <thread>

#include "runtime/base/error.hpp"
#include "tools/command/command_line.hpp"
#include "tools/command/option_values.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

constexpr const char* kTunedFolder = "jobs/scenarios/tuned";

po::options_description options_of_compare() {
  po::options_description all(
      "weir compare: scenarios x policies x seeds in virtual time, on the same tasks");
  auto add = all.add_options();
  add("policy", po::value<std::vector<std::string>>(),
      "placement rule, `all` for those of `weir policies`, or oracle; may be repeated");
  add("seeds", po::value<std::string>(), "how many (default 20)");
  add("first-seed", po::value<std::string>(), "the others follow it (default 1)");
  add("set", po::value<std::vector<std::string>>(),
      "NAME=VALUE in place of what every scenario says; may be repeated");
  add("baseline", po::value<std::string>(),
      "policy that the others are compared with (default: the first)");
  add("throughput", po::value<std::string>(),
      "also find the largest rate sustained for this long, for example 300s");
  add("throughput-seeds", po::value<std::string>(), "for how many of the seeds (default: all)");
  add("adaptation", po::value<std::string>(),
      "also measure how soon after this time, when the workload changes, responses are steady");
  add("tuned", po::value<std::string>()->implicit_value(kTunedFolder),
      "use the parameters that `weir tune` has stored in this folder");
  add("preset", po::value<std::string>(), "paper: the experiment of the paper");
  add("jobs", po::value<std::string>(), "worlds at a time (default: one per core)");
  add("out", po::value<std::string>(),
      "write NAME.h5 and NAME.md, and keep every run in NAME.trials to go on after a break");
  add("date", po::value<std::string>(), "a text for NAME.md");
  add("report", po::value<std::string>(), "print what this NAME.h5 holds, and run nothing");
  add("progress", po::bool_switch(), "show the progress line although no terminal is seen");
  add("quiet", po::bool_switch(), "print nothing but the result, warnings and errors");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

std::string text_of(const po::variables_map& given, const char* name) {
  return given.count(name) ? given[name].as<std::string>() : std::string();
}

int count_of(const po::variables_map& given, const char* name, int otherwise, double most,
             const std::string& example) {
  if (!given.count(name)) return otherwise;
  return static_cast<int>(whole_number_of({name, text_of(given, name), example}, {1, most}));
}

CompareOptions read(const po::variables_map& given) {
  CompareOptions options;
  options.help = given["help"].as<bool>();
  options.progress = given["progress"].as<bool>();
  options.quiet = given["quiet"].as<bool>();
  using Texts = std::vector<std::string>;
  if (given.count("scenario")) options.scenarios = given["scenario"].as<Texts>();
  if (given.count("policy")) options.policies = given["policy"].as<Texts>();
  if (given.count("set")) options.settings = given["set"].as<Texts>();
  options.baseline = text_of(given, "baseline");
  options.preset = text_of(given, "preset");
  options.date = text_of(given, "date");
  constexpr double kMostSeeds = 10'000;
  options.seed_count = count_of(given, "seeds", 0, kMostSeeds, "20");
  options.throughput_seed_count = count_of(given, "throughput-seeds", 0, kMostSeeds, "3");
  options.thread_count = count_of(given, "jobs", 0, 1024, "2");
  if (given.count("first-seed")) {
    options.first_seed =
        whole_number_of({"first-seed", text_of(given, "first-seed"), "1"},
                        {0, static_cast<double>(kFirstTuningSeed) - kMostSeeds - 1});
  }
  constexpr OptionBounds kWindow{1, 1e5};
  if (given.count("throughput")) {
    options.throughput_window =
        duration_of({"throughput", text_of(given, "throughput"), "300s"}, kWindow);
  }
  if (given.count("adaptation")) {
    options.step = duration_of({"adaptation", text_of(given, "adaptation"), "40s"}, kWindow);
  }
  for (const auto& [name, place] :
       {std::pair{"out", &options.out}, std::pair{"report", &options.report},
        std::pair{"tuned", &options.tuned}}) {
    if (given.count(name)) *place = text_of(given, name);
  }
  return options;
}

void check_settings(const std::vector<std::string>& settings) {
  for (const std::string& text : settings) {
    const std::string name = text.substr(0, text.find('='));
    if (name != "seed" && name != "policy") continue;
    throw Error("a comparison chooses seeds and policies itself", "--set " + text,
                "settings of the world and of the work",
                name == "seed" ? "--first-seed" : "--policy");
  }
}

void check_places(const CompareOptions& options) {
  const std::filesystem::path name = options.out ? options.out->filename() : "mine";
  if (name.empty() || name == "." || name == "..") {
    throw Error("the results need a name", "--out '" + options.out->string() + "'",
                "a name for the files, behind a folder where they are to be in one",
                "--out results/mine");
  }
  std::error_code none;
  if (options.tuned && !std::filesystem::is_directory(*options.tuned, none)) {
    throw Error("there are no tuned parameters", options.tuned->string() + ": no such folder",
                "a folder in which `weir tune` has stored some",
                "weir tune SCENARIO.ini --policy all --out " + options.tuned->string());
  }
}

// A report is of a file: what was compared there is told by the file alone.
void check_report(const po::variables_map& given) {
  if (!given.count("report")) return;
  for (const auto& [name, value] : given) {
    if (value.defaulted() || name == "report" || name == "quiet" || name == "progress") continue;
    throw Error("a report takes no other options", name == "scenario" ? "a scenario" : "--" + name,
                "--report alone: it prints what the file holds, and runs nothing",
                "weir compare --report " + text_of(given, "report"));
  }
}

void check(const CompareOptions& options) {
  if (options.help || options.report) return;
  check_settings(options.settings);
  check_places(options);
  if (!options.preset.empty() && options.preset != "paper") {
    throw Error("there is no such preset", options.preset, "paper", "--preset paper");
  }
  if (options.preset.empty() && options.scenarios.empty()) {
    throw Error("there is nothing to compare", "no scenario", "scenarios and policies, or a preset",
                "weir compare jobs/scenarios/stale.ini --policy all");
  }
  if (options.preset.empty() && options.policies.empty()) {
    throw Error("there is nothing to compare", "no policy", "at least one --policy",
                "--policy all");
  }
  if (!options.preset.empty() && !options.scenarios.empty()) {
    throw Error("a preset has a scenario of its own", options.scenarios.front(),
                "either scenarios or --preset", "weir compare --preset paper");
  }
}

}  // namespace

CompareOptions parse_compare_options(const std::vector<std::string>& arguments) {
  po::options_description all = options_of_compare();
  all.add_options()("scenario", po::value<std::vector<std::string>>());
  const po::variables_map given = read_command_line(
      arguments, all,
      {"compare", "scenario", -1, "scenarios and options as `weir compare --help` lists them"});
  CompareOptions options = read(given);
  if (!options.help) check_report(given);
  check(options);
  if (options.thread_count == 0) {
    options.thread_count = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  }
  return options;
}

std::string compare_help() {
  std::ostringstream text;
  text << "usage: weir compare SCENARIO.ini... --policy NAME... [options]\n"
          "       weir compare --preset paper [options]\n"
          "       weir compare --report NAME.h5\n\n"
       << options_of_compare()
       << "\nPer scenario and policy: mean, percentiles, loss and cost; the ratio of the mean to "
          "that of the\nbaseline with its 95 % interval (paired bootstrap over seeds) and a "
          "p-value (paired permutation\ntest, Holm). With --out, Ctrl-C keeps what is done and the "
          "same command goes on there.\n";
  return text.str();
}

}  // namespace weir
