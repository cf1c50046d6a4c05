#include "tools/learning/evaluation_scenarios.hpp"

#include <array>
#include <string>

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
    "fresh.ini",
    "stale.ini@load=0.5",
    "stale.ini",
    "stale.ini@load=0.95",
    "affinity.ini@load=0.7",
    "affinity.ini",
    "drift.ini",
    "interference.ini",
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

// The generator that no training has seen.
NamedScenario with_phones(NamedScenario scenario) {
  for (auto& [name, value] : scenario.settings) {
    if (name == "stream" && value.starts_with("iot")) value = "iot:phones";
  }
  scenario.name += " stream=iot:phones";
  return scenario;
}

}  // namespace

NamedScenario scenario_with_changes(const std::string& text) {
  std::size_t end = text.find('@');
  const std::string file = text.substr(0, end);
  NamedScenario scenario{std::filesystem::path(file).stem().string(), read_scenario(file)};
  while (end != std::string::npos) {
    const std::size_t begin = end + 1;
    end = text.find('@', begin);
    const std::string change = text.substr(begin, end - begin);
    change_setting(scenario.settings, change);
    scenario.name += ' ' + change;
  }
  return scenario;
}

std::vector<NamedScenario> evaluation_scenarios(const std::filesystem::path& folder,
                                                EvaluationSize size) {
  std::vector<NamedScenario> scenarios;
  const auto add = [&](const char* text) {
    scenarios.push_back(scenario_with_changes((folder / text).string()));
  };
  if (size == EvaluationSize::kQuick) {
    for (const char* text : kQuick) add(text);
  } else {
    for (const char* text : kWhole) add(text);
    scenarios.push_back(
        with_phones(scenario_with_changes((folder / "combined.ini@load=0.7").string())));
  }
  return scenarios;
}

}  // namespace weir
