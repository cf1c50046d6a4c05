#include "tools/scenario.hpp"

#include <boost/program_options.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kLargestScenario = 1 << 20;

// Options of `weir run` that mean nothing, or something else, in the virtual world.
const std::set<std::string> kNotSimulated{
    "config", "help",   "inject-failures",   "json",         "progress",
    "quiet",  "record", "record-placements", "record-share", "workers"};

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
      {"advisor-delay",
       [](SimulateOptions& options, const std::string& value) {
         options.advisor_delay = read_time("advisor-delay", value, "1ms");
       }},
      {"clock-drift", [](SimulateOptions& options, const std::string& value) {
         options.clock_drift = read_quantity("clock-drift", value, {{"", 1}}, 0.5, "2e-5");
       }}};
  return all;
}

// Of the environment a scenario sees where traces are, and nothing else.
std::vector<std::pair<std::string, std::string>> traces_variable() {
  auto variables = weir_environment();
  std::erase_if(variables, [](const auto& variable) { return variable.first != kTracesVariable; });
  return variables;
}

}  // namespace

Settings read_scenario(const std::string& path) {
  std::error_code none;
  std::ifstream in;
  const bool is_file = std::filesystem::is_regular_file(path, none);
  if (is_file) in.open(path);
  std::string found = path;
  if (std::filesystem::is_directory(path, none)) found += ": a folder";
  if (!std::filesystem::exists(path, none)) found += ": no such file";
  std::string text(kLargestScenario, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.empty() || text.size() == kLargestScenario) {
    throw Error("the scenario cannot be read", found,
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

void replace_setting(Settings& settings, const std::string& name, const std::string& value) {
  std::erase_if(settings, [&](const auto& setting) { return setting.first == name; });
  settings.emplace_back(name, value);
}

void change_setting(Settings& settings, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error("--set does not say what to set", "\"" + text + "\"", "NAME=VALUE",
                "--set load=0.9");
  }
  const std::string name = text.substr(0, equals);
  if (name == "load") std::erase_if(settings, [](const auto& s) { return s.first == "rate"; });
  if (name == "rate") std::erase_if(settings, [](const auto& s) { return s.first == "load"; });
  replace_setting(settings, name, text.substr(equals + 1));
}

SimulateOptions options_of(const Settings& settings) {
  SimulateOptions options;
  options.settings = settings;
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
    } else if (is_class_setting(name)) {
      const auto dot = name.find('.');
      run_arguments.push_back("--" + name.substr(0, dot) + "=" + name.substr(dot + 1) + "=" +
                              value);
    } else {
      run_arguments.push_back("--" + name + "=" + value);
    }
  }
  options.run = parse_run_options(run_arguments, traces_variable());
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

}  // namespace weir
