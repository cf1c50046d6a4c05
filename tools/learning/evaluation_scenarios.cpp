#include "tools/learning/evaluation_scenarios.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <string>

#include "runtime/base/error.hpp"
#include "tools/command/installed_file.hpp"

namespace weir {
namespace {

// So long that chance moves a ratio by about one per cent at two seeds: few tasks need more time.
constexpr std::array kQuick{
    "combined.ini@load=0.7@duration=40s",
    "combined.ini@load=0.8@duration=40s",
    "stale.ini@duration=30s",
    "small50.ini@duration=120s@warm-up=10s",
    "small8_combined.ini@duration=300s@warm-up=10s",
};

constexpr std::array kWhole{
    "combined.ini@load=0.5",
    "combined.ini@load=0.6",
    "combined.ini@load=0.7",
    "combined.ini@load=0.8",
    "combined.ini@load=0.9",
    "combined.ini@load=1.0",
    "combined_continuous.ini@load=0.7",
    "combined_phones.ini",
    "fresh.ini",
    "stale.ini@load=0.5",
    "stale.ini",
    "stale.ini@load=0.95",
    "affinity.ini@load=0.7",
    "affinity.ini",
    "drift.ini",
    "interference.ini",
    "interference_continuous.ini",
    "heavy_tailed.ini",
    "bursts.ini@duration=130s",
    "overload.ini",
    "elastic.ini",
    "deadline.ini",
    "failure.ini",
    "step_load.ini",
    "step_speed.ini",
    "step_mix.ini",
    "small8.ini",
    "small8_combined.ini",
    "small50.ini",
    // No training has so many homes, or reports so old.
    "combined.ini@load=0.7@dispatchers=32@report-interval=1s",
    "combined.ini@load=0.7@dispatchers=1@report-interval=20ms",
};

// Whether a text is NAME=VALUE.
bool names_a_setting(const std::string& text) {
  const std::size_t name = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.");
  return name != 0 && name != std::string::npos && text[name] == '=' && std::isalpha(text[0]) != 0;
}

// FILE, then the settings between the @. Values have an @, too: what names no setting belongs to
// the value before it, as in death=3@20s.
std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, '@');) {
    if (parts.size() > 1 && !names_a_setting(word)) {
      parts.back() += '@' + word;
    } else {
      parts.push_back(word);
    }
  }
  return parts;
}

void refuse_what_is_judged(const std::string& change) {
  const std::string name = change.substr(0, change.find('='));
  if (name != "policy" && name != "seed" && name != "weights") return;
  throw Error("a scenario to learn from or to judge by has no " + name + " of its own",
              "@" + change, "settings of nodes, streams and the world", "FILE@load=0.7");
}

}  // namespace

NamedScenario scenario_with_changes(const std::string& text) {
  const std::vector<std::string> parts = parts_of(text);
  const std::string file = parts.empty() ? "" : parts.front();
  const std::vector<std::string> changes(parts.begin() + (parts.empty() ? 0 : 1), parts.end());
  NamedScenario scenario{std::filesystem::path(file).stem().string(), read_scenario(file)};
  std::ranges::for_each(changes, refuse_what_is_judged);
  try {
    change_settings(scenario.settings, changes, "@");
    for (const std::string& change : changes) scenario.name += ' ' + change;
    (void)options_of(scenario.settings);
  } catch (const Error& error) {
    if (changes.empty()) throw;
    throw Error("the scenario " + text + " cannot be played: " + error.problem(), error.found(),
                error.needed(), "FILE@NAME=VALUE, for example " + file + "@load=0.7");
  }
  return scenario;
}

std::vector<NamedScenario> evaluation_scenarios(const std::filesystem::path& folder,
                                                EvaluationSize size) {
  std::error_code none;
  if (!std::filesystem::is_directory(installed_file(folder), none)) {
    throw Error("the scenarios to evaluate in are not there", folder.string() + ": no such folder",
                "jobs/scenarios of weir's repository", "--scenarios FOLDER, or --scenario FILE");
  }
  std::vector<NamedScenario> scenarios;
  const auto add = [&](const char* text) {
    scenarios.push_back(scenario_with_changes((folder / text).string()));
  };
  if (size == EvaluationSize::kQuick) {
    std::ranges::for_each(kQuick, add);
  } else {
    std::ranges::for_each(kWhole, add);
  }
  return scenarios;
}

}  // namespace weir
