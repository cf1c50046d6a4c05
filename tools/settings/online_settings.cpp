#include "tools/settings/online_settings.hpp"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/catalogue/policy_registry.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

struct NamedMode {
  std::string_view name;
  OnlineLearning mode;
};
constexpr std::array<NamedMode, 3> kModes = {{{"off", OnlineLearning::kOff},
                                              {"on", OnlineLearning::kByCluster},
                                              {"federated", OnlineLearning::kFederated}}};

OnlineLearning mode_of(const std::string& text) {
  const auto named = std::ranges::find(kModes, std::string_view(text), &NamedMode::name);
  if (named != kModes.end()) return named->mode;
  throw Error("the value of --online cannot be used", "\"" + text + "\"", "off, on or federated",
              "--online, or --online=federated");
}

}  // namespace

void describe_online_options(po::options_description& all) {
  auto add = all.add_options();
  add("online", po::value<std::string>()->implicit_value("on"),
      "the policy `learned` learns while it runs: off (default), on (each cluster by itself) or "
      "=federated (clusters try what all of them have learned)");
  add("save-weights", po::value<std::string>(),
      "with --online: keep what was learned in this file, for --weights of the next run");
}

OnlineSettings read_online_options(const po::variables_map& given) {
  OnlineSettings settings;
  if (given.count("online")) settings.mode = mode_of(given["online"].as<std::string>());
  if (given.count("save-weights")) settings.save_weights = given["save-weights"].as<std::string>();
  return settings;
}

std::vector<std::string> without_effect(const OnlineSettings& settings, const std::string& policy) {
  std::vector<std::string> warnings;
  const bool is_on = settings.mode != OnlineLearning::kOff;
  if (is_on && !is_learned(policy)) {
    warnings.push_back("--online has no effect without --policy=learned");
  }
  if (!settings.save_weights.empty() && !(is_on && is_learned(policy))) {
    warnings.push_back("--save-weights has no effect without --online and --policy=learned");
  }
  return warnings;
}

std::vector<std::pair<std::string, std::string>> as_text(const OnlineSettings& settings) {
  std::vector<std::pair<std::string, std::string>> all;
  if (settings.mode == OnlineLearning::kOff) return all;
  const auto named = std::ranges::find(kModes, settings.mode, &NamedMode::mode);
  all.emplace_back("online", std::string(named->name));
  if (!settings.save_weights.empty()) {
    all.emplace_back("save-weights", settings.save_weights.string());
  }
  return all;
}

}  // namespace weir
