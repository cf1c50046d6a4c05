#include "tools/settings/scenario.hpp"

#include <boost/program_options.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "runtime/base/error.hpp"
#include "tools/command/installed_file.hpp"
#include "tools/settings/scenario_nodes.hpp"
#include "tools/settings/setting_errors.hpp"
#include "tools/settings/setting_values.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kLargestScenario = 1 << 20;

// Options of `weir run` that mean nothing, or something else, in the virtual world.
const std::set<std::string> kNotSimulated{
    "check-invariants",  "config",       "help",         "inject-crashes", "inject-failures",
    "isolate",           "json",         "progress",     "quiet",          "record",
    "record-placements", "record-share", "save-weights", "workers"};

using Reader = std::function<void(SimulateOptions&, const std::string&)>;

// What a simulation adds to the options of a run, beside the world's own settings.
const std::map<std::string, Reader>& simulation_settings() {
  static const std::map<std::string, Reader> all{
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
      {"oracle-sizes",
       [](SimulateOptions& options, const std::string& value) {
         const bool is_one = value == "known" || value == "unknown";
         if (!is_one) refuse_setting("oracle-sizes", value, "known or unknown", "unknown");
         options.oracle.knows_sizes = value == "known";
       }},
      {"oracle-delay",
       [](SimulateOptions& options, const std::string& value) {
         options.oracle.speed_delay = read_time("oracle-delay", value, "1s");
       }},
      {"clock-drift", [](SimulateOptions& options, const std::string& value) {
         options.clock_drift = read_quantity("clock-drift", value, {{"", 1}}, 0.5, "2e-5");
       }}};
  return all;
}

// The key of `emulate` that a setting is: its name, or with a dot for the first underscore. Empty
// where it is none.
std::string emulation_key(std::string name) {
  const auto dot = name.find('.');
  if (dot != std::string::npos) name[dot] = '_';
  return EmulationSpec::is_key(name) ? name : std::string();
}

// One name for what has several.
std::string canonical(const std::string& name) {
  const std::string key = emulation_key(name);
  return key.empty() ? name : key;
}

// Of these each line adds to those before it.
bool may_repeat(const std::string& name) {
  static const std::set<std::string> lists{"stream",    "trace",   "stop",  "death",    "park",
                                           "slow-link", "profile", "share", "priority", "deadline"};
  return lists.contains(name);
}

void check_repeats(const Settings& settings) {
  std::map<std::string, Settings::value_type> before;
  for (const auto& [name, value] : settings) {
    const auto [first, is_new] = before.try_emplace(canonical(name), name, value);
    if (is_new || may_repeat(name)) continue;
    throw Error("two values are given for one setting",
                first->second.first + "=" + first->second.second + " and " + name + "=" + value,
                "one of them", "leaving out " + name + "=" + value);
  }
}

// `spec` with VALUE for KEY, whatever it said of it.
std::string with_key(const std::string& spec, const std::string& key, const std::string& value) {
  std::string changed;
  std::istringstream items(spec);
  for (std::string item; std::getline(items, item, ';');) {
    if (!item.starts_with(key + "=")) changed += item + ";";
  }
  return changed + key + "=" + value;
}

// Keys of `emulate` that came as settings of their own go into its text, wherever they stand.
Settings with_keys_in_emulate(const Settings& settings) {
  Settings changed;
  std::string spec;
  Settings keys;
  for (const auto& [name, value] : settings) {
    const std::string key = emulation_key(name);
    if (name == "emulate") {
      spec = value;
    } else if (!key.empty()) {
      keys.emplace_back(key, value);
    } else {
      changed.emplace_back(name, value);
    }
  }
  for (const auto& [key, value] : keys) spec = with_key(spec, key, value);
  if (!spec.empty()) changed.emplace_back("emulate", spec);
  return changed;
}

// What a name was meant to be, where a file of that name is where scenarios are: `stale` is
// jobs/scenarios/stale.ini.
std::string scenario_meant_by(const std::string& path) {
  const std::filesystem::path folder = "jobs/scenarios";
  const std::string meant = (folder / std::filesystem::path(path).stem()).string() + ".ini";
  std::error_code none;
  const bool is_there = std::filesystem::is_regular_file(installed_file(meant), none);
  return is_there ? meant : "the path of a file such as " + (folder / "stale.ini").string();
}

std::string scenario_text(const std::string& given) {
  const std::string path = installed_file(given).string();
  const auto refuse = [&path](const std::string& found) {
    throw Error("the scenario cannot be read", path + ": " + found,
                "an INI file of settings, of less than 1 MB", scenario_meant_by(path));
  };
  std::error_code none;
  if (!std::filesystem::exists(path, none)) refuse("no such file");
  if (std::filesystem::is_directory(path, none)) refuse("a folder");
  // A device may never end, and a pipe never begin.
  if (!std::filesystem::is_regular_file(path, none)) refuse("not a plain file");
  std::ifstream in(path);
  if (!in) refuse("not readable");
  std::string text(kLargestScenario, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.empty()) refuse("an empty file");
  if (text.size() == kLargestScenario) refuse("a larger file");
  // Some editors begin a file with it, and no one sees it.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
}

// Of the environment a scenario sees where traces are, and nothing else.
std::vector<std::pair<std::string, std::string>> traces_variable() {
  auto variables = weir_environment();
  std::erase_if(variables, [](const auto& variable) { return variable.first != kTracesVariable; });
  return variables;
}

}  // namespace

Settings read_scenario(const std::string& path) {
  std::istringstream lines(scenario_text(path));
  Settings settings;
  try {
    const auto parsed = po::parse_config_file(lines, po::options_description(), true);
    for (const auto& option : parsed.options) {
      settings.emplace_back(option.string_key, option.value.empty() ? "" : option.value.front());
    }
  } catch (const po::error&) {
    // What the parser says holds the whole line, which may be anything.
    throw Error("the scenario cannot be read", path + ": a line that is no setting",
                "NAME = VALUE in every line; comments begin with #",
                "weir simulate jobs/scenarios/fresh.ini");
  }
  return settings;
}

void replace_setting(Settings& settings, const std::string& name, const std::string& value) {
  const std::string replaced = canonical(name);
  std::erase_if(settings, [&](const auto& each) { return canonical(each.first) == replaced; });
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

void change_settings(Settings& settings, const std::vector<std::string>& texts,
                     const std::string& written_behind) {
  std::map<std::string, std::string> given;  // by what it sets: a load sets the rate, too
  for (const std::string& text : texts) {
    const std::string name = canonical(text.substr(0, text.find('=')));
    const auto [before, first] = given.try_emplace(name == "load" ? "rate" : name, text);
    if (!first) {
      throw Error("two values are given for one setting",
                  written_behind + before->second + " and " + written_behind + text, "one of them",
                  "leaving out " + written_behind + text);
    }
    change_setting(settings, text);
  }
}

namespace {

SimulateOptions read_options(const Settings& settings) {
  check_repeats(settings);
  SimulateOptions options;
  options.settings = settings;
  std::vector<std::string> run_arguments;
  for (const auto& [name, value] : with_keys_in_emulate(settings)) {
    if (kNotSimulated.contains(name)) {
      throw Error("this setting means nothing in a simulation", name + "=" + value,
                  "options of `weir run` that describe the work, the nodes or the policy",
                  "leaving it out");
    }
    const auto setting = simulation_settings().find(name);
    if (setting != simulation_settings().end()) {
      setting->second(options, value);
    } else if (is_class_setting(name)) {
      const auto dot = name.find('.');
      run_arguments.push_back("--" + name.substr(0, dot) + "=" + name.substr(dot + 1) + "=" +
                              value);
    } else if (!read_world_setting(options.world, name, value)) {
      run_arguments.push_back("--" + name + "=" + value);
    }
  }
  options.run = parse_run_options(run_arguments, traces_variable());
  for (std::string& warning : options.run.warnings) warning = in_words_of_settings(warning);
  if (options.run.emulate.empty()) {
    throw Error("there are no nodes to simulate", "no emulate setting",
                "the setting emulate with a description of nodes", "--set emulate=paper50");
  }
  check_world(options.world, EmulationSpec::parse(options.run.emulate), working_ranks(options));
  if (options.run.capacity.control != CapacityControl::kFixed &&
      !options.world.parking.parked.empty()) {
    throw Error("nodes are parked at set times and by need", "the settings park and capacity",
                "one of them", "--set capacity=fixed");
  }
  if (options.run.duration && options.warm_up >= *options.run.duration) {
    refuse_setting("warm-up", std::to_string(to_seconds(options.warm_up)) + " s",
                   "a time shorter than the duration", "0");
  }
  return options;
}

}  // namespace

SimulateOptions options_of(const Settings& settings) {
  return speaking_of_settings([&] { return read_options(settings); });
}

}  // namespace weir
