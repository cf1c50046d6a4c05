#include "tools/simulate_options.hpp"

#include <boost/program_options.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kLargestScenario = 1 << 20;

// NAME = VALUE, in order; a name may come several times.
using Settings = std::vector<std::pair<std::string, std::string>>;

// Options of `weir run` that mean nothing, or something else, in the virtual world.
const std::set<std::string> kNotSimulated{"config", "help",         "inject-failures",
                                          "json",   "progress",     "quiet",
                                          "record", "record-share", "workers"};

po::options_description described_options() {
  po::options_description all("weir simulate: runs weir itself in virtual time");
  auto add = all.add_options();
  add("policy", po::value<std::string>(), "placement rule; `weir policies` lists them");
  add("seed", po::value<std::string>(), "governs streams, policies, work and clocks (default 1)");
  add("set", po::value<std::vector<std::string>>(),
      "NAME=VALUE in place of what the scenario says, for example load=0.9; may be repeated");
  add("json", po::bool_switch(), "print one JSON object instead of the tables");
  add("help,h", po::bool_switch(), "print this text");
  return all;
}

[[noreturn]] void refuse(const std::string& name, const std::string& value,
                         const std::string& needed, const std::string& example) {
  throw Error("the setting " + name + " cannot be used", "\"" + value + "\"", needed,
              name + "=" + example);
}

// A number followed by one of the units.
double read_quantity(const std::string& name, const std::string& value,
                     const std::map<std::string, double>& units, double most,
                     const std::string& example) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const auto unit = units.find(std::string(end, value.data() + value.size()));
  if (error != std::errc() || unit == units.end() || !(number >= 0) ||
      number * unit->second > most) {
    std::string names;
    for (const auto& [each, factor] : units) {
      if (!each.empty()) names += (names.empty() ? "" : ", ") + each;
    }
    refuse(name, value, "a number from 0 on, not absurdly large, in " + names, example);
  }
  return number * unit->second;
}

Duration read_time(const std::string& name, const std::string& value, const std::string& example) {
  constexpr double kMostSeconds = 1e6;
  return from_seconds(read_quantity(
      name, value, {{"", 1}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"min", 60}, {"h", 3600}},
      kMostSeconds, example));
}

using Reader = std::function<void(SimulateOptions&, const std::string&)>;

// What the virtual world adds to the options of a run.
const std::map<std::string, Reader>& world_settings() {
  static const std::map<std::string, Reader> all{
      {"latency",
       [](SimulateOptions& options, const std::string& value) {
         options.network.latency = read_time("latency", value, "20us");
       }},
      {"bandwidth",
       [](SimulateOptions& options, const std::string& value) {
         options.network.bytes_per_s = read_quantity(
             "bandwidth", value, {{"", 1}, {"MB/s", 1e6}, {"GB/s", 1e9}}, 1e15, "1.25GB/s");
       }},
      {"warm-up",
       [](SimulateOptions& options, const std::string& value) {
         options.warm_up = read_time("warm-up", value, "10s");
       }},
      {"clock-skew",
       [](SimulateOptions& options, const std::string& value) {
         options.clock_skew = read_time("clock-skew", value, "1s");
       }},
      {"clock-drift", [](SimulateOptions& options, const std::string& value) {
         options.clock_drift = read_quantity("clock-drift", value, {{"", 1}}, 0.5, "2e-5");
       }}};
  return all;
}

Settings read_scenario(const std::string& path) {
  std::error_code none;
  std::ifstream in;
  if (std::filesystem::is_regular_file(path, none)) in.open(path);
  std::string text(kLargestScenario, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.empty() || text.size() == kLargestScenario) {
    throw Error("the scenario cannot be read", path,
                "a readable INI file, not empty and of less than 1 MB",
                "weir simulate jobs/scenarios/fresh.ini");
  }
  std::istringstream lines(text);
  Settings settings;
  const auto parsed = po::parse_config_file(lines, po::options_description(), true);
  for (const auto& option : parsed.options) {
    settings.emplace_back(option.string_key, option.value.empty() ? "" : option.value.front());
  }
  return settings;
}

void replace(Settings& settings, const std::string& name, const std::string& value) {
  std::erase_if(settings, [&](const auto& setting) { return setting.first == name; });
  settings.emplace_back(name, value);
}

// The scenario, with what the command line changes.
Settings all_settings(const po::variables_map& given) {
  Settings settings;
  if (given.count("scenario")) settings = read_scenario(given["scenario"].as<std::string>());
  for (const char* name : {"policy", "seed"}) {
    if (given.count(name)) replace(settings, name, given[name].as<std::string>());
  }
  if (!given.count("set")) return settings;
  for (const auto& text : given["set"].as<std::vector<std::string>>()) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error("--set does not say what to set", "\"" + text + "\"", "NAME=VALUE",
                  "--set load=0.9");
    }
    const std::string name = text.substr(0, equals);
    // A load replaces a rate, and the other way round.
    if (name == "load") std::erase_if(settings, [](const auto& s) { return s.first == "rate"; });
    if (name == "rate") std::erase_if(settings, [](const auto& s) { return s.first == "load"; });
    replace(settings, name, text.substr(equals + 1));
  }
  return settings;
}

SimulateOptions from_settings(const Settings& settings) {
  SimulateOptions options;
  std::vector<std::string> run_arguments;
  for (const auto& [name, value] : settings) {
    if (kNotSimulated.contains(name)) {
      throw Error("this setting means nothing in a simulation", name + "=" + value,
                  "options of `weir run` that describe the work, the nodes or the policy",
                  "leaving it out");
    }
    const auto setting = world_settings().find(name);
    if (setting != world_settings().end()) {
      setting->second(options, value);
    } else {
      run_arguments.push_back("--" + name + "=" + value);
    }
  }
  options.run = parse_run_options(run_arguments, {});
  if (options.run.emulate.empty()) {
    throw Error("there are no nodes to simulate", "no emulate setting",
                "the nodes, as `weir run --emulate` takes them", "--set emulate=paper50");
  }
  if (options.run.duration && options.warm_up >= *options.run.duration) {
    refuse("warm-up", std::to_string(to_seconds(options.warm_up)) + " s",
           "a time shorter than the duration", "0");
  }
  return options;
}

}  // namespace

SimulateOptions parse_simulate_options(const std::vector<std::string>& arguments) {
  po::options_description all = described_options();
  all.add_options()("scenario", po::value<std::string>());
  po::variables_map given;
  try {
    const auto style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments)
                  .options(all)
                  .style(style)
                  .positional(po::positional_options_description().add("scenario", 1))
                  .run(),
              given);
    SimulateOptions options;
    if (!given["help"].as<bool>()) options = from_settings(all_settings(given));
    options.run.help = given["help"].as<bool>();
    options.run.json = given["json"].as<bool>();
    return options;
  } catch (const po::error& error) {
    throw Error("the options of weir simulate cannot be read", error.what(),
                "a scenario and options as `weir simulate --help` lists them",
                "weir simulate --help");
  }
}

std::string simulate_help() {
  std::ostringstream text;
  text
      << "usage: weir simulate [SCENARIO.ini] [options]\n\n"
      << described_options()
      << "\nA scenario holds NAME = VALUE lines: the options of `weir run` that describe work, "
         "nodes "
         "and\npolicy (stream, trace, load, rate, duration, emulate, dispatchers, report-interval, "
         "...), and\n"
         "  latency      of the network, one way (default 20us)\n"
         "  bandwidth    of each rank's link and direction (default 1.25GB/s; 0: no limit)\n"
         "  warm-up      tasks that arrive in this first part are not counted (default 0)\n"
         "  clock-skew   how much clocks differ at most at the begin (default 1s)\n"
         "  clock-drift  what they gain or lose at most (default 2e-5)\n";
  return text.str();
}

}  // namespace weir
