#include "tools/simulate/simulate_options.hpp"

#include <boost/program_options.hpp>
#include <sstream>

#include "runtime/base/error.hpp"
#include "tools/command/command_line.hpp"
#include "tools/command/option_values.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

po::options_description described_options() {
  po::options_description all("weir simulate: runs weir itself in virtual time");
  auto add = all.add_options();
  add("policy", po::value<std::string>(), "placement rule; `weir policies` lists them");
  add("weights", po::value<std::string>(),
      "what the policy `learned` goes by: a file of `weir train` (default: what comes with weir)");
  add("control", po::value<std::string>(),
      "by what coordinators of `learned` price nodes: none (default), shipped, or a file of `weir "
      "train control`");
  describe_plan_demand(all);
  add("limit-control", po::value<std::string>(),
      "what corrects the class limits that nodes find: none (default), shipped, or a file of `weir "
      "train control --level node`");
  describe_online_options(all);
  add("seed", po::value<std::string>(), "governs streams, policies, work and clocks (default 1)");
  add("set", po::value<std::vector<std::string>>(),
      "NAME=VALUE in place of what the scenario says, for example load=0.9; may be repeated");
  add("record", po::value<std::string>(), "write the run to this HDF5 file");
  add("record-share", po::value<std::string>(),
      "share of the tasks that are recorded one by one (default 1)");
  add("record-placements", po::bool_switch(),
      "record what was known of every node when they were placed; `weir explain` shows it");
  add("json", po::bool_switch(), "print one JSON object instead of the tables");
  add("progress", po::bool_switch(), "show the progress line although no terminal is seen");
  add("quiet", po::bool_switch(), "print nothing but the result, warnings and errors");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

// The scenario, with what the command line changes.
Settings all_settings(const po::variables_map& given) {
  Settings settings;
  if (given.count("scenario")) settings = read_scenario(given["scenario"].as<std::string>());
  std::vector<std::string> changes;
  if (given.count("set")) changes = given["set"].as<std::vector<std::string>>();
  for (const std::string name :
       {"policy", "weights", "control", "plan-demand", "limit-control", "online", "seed"}) {
    if (!given.count(name)) continue;
    const auto value = given[name].as<std::string>();
    for (const std::string& change : changes) {
      if (!change.starts_with(name + "=")) continue;
      throw Error("two values are given for one setting",
                  "--" + name + " " + value + " and --set " + change, "one of them",
                  "leaving out --set " + change);
    }
    replace_setting(settings, name, value);
  }
  change_settings(settings, changes);
  return settings;
}

// Of the command line only: a scenario describes a world, not what is written of it.
void read_record(const po::variables_map& given, RunOptions& options) {
  options.record_placements = given["record-placements"].as<bool>();
  if (given.count("save-weights")) {
    options.online.save_weights = given["save-weights"].as<std::string>();
    const bool is_learning = options.online.mode != OnlineLearning::kOff;
    if (!is_learning) {
      options.warnings.push_back("--save-weights has no effect without --online");
    }
  }
  if (given.count("record")) options.record = given["record"].as<std::string>();
  if (given.count("record-share")) {
    options.record_share = number_of(
        {"record-share", given["record-share"].as<std::string>(), "0.1"}, "a share", {0, 1});
  }
  if (options.record) return;
  for (const char* name : {"record-share", "record-placements"}) {
    if (given.count(name) == 0 || given[name].defaulted()) continue;
    options.warnings.push_back("--" + std::string(name) + " has no effect without --record");
  }
}

}  // namespace

SimulateOptions parse_simulate_options(const std::vector<std::string>& arguments,
                                       const std::string& command) {
  po::options_description all = described_options();
  all.add_options()("scenario", po::value<std::string>());
  const po::variables_map given =
      read_command_line(arguments, all,
                        {command, "scenario", 1,
                         "a scenario and options as `weir " + command + " --help` lists them"});
  SimulateOptions options;
  if (!given["help"].as<bool>()) options = options_of(all_settings(given));
  options.run.help = given["help"].as<bool>();
  options.run.json = given["json"].as<bool>();
  options.run.progress = given["progress"].as<bool>();
  options.run.quiet = given["quiet"].as<bool>();
  if (options.run.progress && options.run.quiet) {
    options.run.warnings.push_back("--progress has no effect with --quiet");
  }
  read_record(given, options.run);
  return options;
}

std::string simulate_help() {
  std::ostringstream text;
  text
      << "usage: weir simulate [SCENARIO.ini] [options]\n\n"
      << described_options()
      << "\nA scenario holds NAME = VALUE lines: the options of `weir run` that describe work, "
         "nodes "
         "and\npolicy (stream, trace, load, rate, duration, emulate, dispatchers, report-interval, "
         "...; those\nof one class as CLASS=VALUE or by name: deadline.finance = 200ms), keys of "
         "emulate by themselves\n(interference_beta or interference.beta = 1), and\n"
         "  advisor-delay       of a planner's answer, where the policy follows one (default 1ms)\n"
         "  oracle-sizes        known or unknown to the policy `oracle` (default known)\n"
         "  oracle-delay        so long after a change that policy knows how fast a node is "
         "(default 0)\n"
         "  warm-up             tasks that arrive in this first part are not counted (default 0)\n"
         "  clock-skew          how much clocks differ at most at the begin (default 1s)\n"
         "  clock-drift         what they gain or lose at most (default 2e-5)\n"
      << world_settings_help();
  return text.str();
}

}  // namespace weir
