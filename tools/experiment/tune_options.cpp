#include "tools/experiment/tune_options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <sstream>
#include <thread>

#include "runtime/base/error.hpp"
#include "tools/command/command_line.hpp"
#include "tools/command/option_values.hpp"
#include "tools/experiment/compare_options.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

po::options_description options_of_tune() {
  po::options_description all("weir tune: good parameters for policies, one budget for all");
  auto add = all.add_options();
  add("policy", po::value<std::vector<std::string>>(),
      "policy to tune, `all` for those that have parameters; may be repeated");
  add("budget", po::value<std::string>(), "runs per policy and scenario (default 60)");
  add("seeds", po::value<std::string>(), "on which parameters are judged (default 4)");
  add("seed", po::value<std::string>(), "of the search (default 1)");
  add("set", po::value<std::vector<std::string>>(),
      "NAME=VALUE in place of what every scenario says; may be repeated");
  add("jobs", po::value<std::string>(), "worlds at a time (default: one per core)");
  add("out", po::value<std::string>(),
      "folder for SCENARIO.ini with the parameters (default jobs/scenarios/tuned)");
  add("progress", po::bool_switch(), "show the progress line although no terminal is seen");
  add("quiet", po::bool_switch(), "print nothing but the result, warnings and errors");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

TuneOptions read(const po::variables_map& given) {
  TuneOptions options;
  options.help = given["help"].as<bool>();
  options.quiet = given["quiet"].as<bool>();
  options.progress = given["progress"].as<bool>();
  using Texts = std::vector<std::string>;
  if (given.count("scenario")) options.scenarios = given["scenario"].as<Texts>();
  if (given.count("policy")) options.policies = given["policy"].as<Texts>();
  if (given.count("set")) options.settings = given["set"].as<Texts>();
  const auto count = [&](const char* name, int otherwise, OptionBounds bounds) {
    if (!given.count(name)) return otherwise;
    return static_cast<int>(
        whole_number_of({name, given[name].as<std::string>(), std::to_string(otherwise)}, bounds));
  };
  options.seed_count = count("seeds", 4, {1, 1000});
  options.budget = count("budget", 60, {1, 1e6});
  options.thread_count =
      count("jobs", static_cast<int>(std::max(1u, std::thread::hardware_concurrency())), {1, 1024});
  if (given.count("seed")) {
    options.seed = whole_number_of({"seed", given["seed"].as<std::string>(), "1"}, kSeed);
  }
  options.folder = given.count("out") ? given["out"].as<std::string>() : "jobs/scenarios/tuned";
  return options;
}

void check(const TuneOptions& options) {
  if (options.help) return;
  if (options.scenarios.empty() || options.policies.empty()) {
    throw Error("there is nothing to tune", options.scenarios.empty() ? "no scenario" : "no policy",
                "at least one scenario and one --policy",
                "weir tune jobs/scenarios/stale.ini --policy all");
  }
  if (options.budget < options.seed_count) {
    throw Error("the budget is too small", std::to_string(options.budget) + " runs",
                "one run for every seed at least, for the standard parameters",
                "--budget " + std::to_string(10 * options.seed_count));
  }
}

}  // namespace

TuneOptions parse_tune_options(const std::vector<std::string>& arguments) {
  po::options_description all = options_of_tune();
  all.add_options()("scenario", po::value<std::vector<std::string>>());
  const po::variables_map given = read_command_line(
      arguments, all,
      {"tune", "scenario", -1, "scenarios and options as `weir tune --help` lists them"});
  TuneOptions options = read(given);
  check(options);
  return options;
}

std::string tune_help() {
  std::ostringstream text;
  text << "usage: weir tune SCENARIO.ini... --policy NAME... [options]\n\n"
       << options_of_tune()
       << "\nHalf of the budget samples the ranges of all parameters (Latin hypercube, thinned by\n"
          "successive halving), the other half refines the best. The cost is the mean response, "
          "with\n10 ms more for every 0.1 points of loss beyond 0.1 %. Tuning seeds begin at "
       << kFirstTuningSeed
       << ", those of\n`weir compare` end below. `weir compare --tuned` uses what is found. After "
          "Ctrl-C the same\ncommand goes on where it was.\n";
  return text.str();
}

}  // namespace weir
