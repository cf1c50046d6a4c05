#include "tools/settings/capacity_settings.hpp"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>

#include "jobs/kernels/kernel.hpp"
#include "runtime/base/error.hpp"
#include "tools/command/option_values.hpp"
#include "tools/settings/plan_demand_settings.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

struct NamedControl {
  std::string_view name;
  CapacityControl control;
};
constexpr std::array<NamedControl, 4> kControls = {{{"fixed", CapacityControl::kFixed},
                                                    {"reactive", CapacityControl::kReactive},
                                                    {"forecast", CapacityControl::kForecast},
                                                    {"perfect", CapacityControl::kPerfect}}};

constexpr OptionBounds kHeadroom{-0.9, 100};
constexpr OptionBounds kSmoothing{0.001, 1};
constexpr OptionBounds kSeconds{0, 86'400};
constexpr OptionBounds kDay{60, 1e7};

CapacityControl control_of(const std::string& text) {
  const auto named = std::ranges::find(kControls, std::string_view(text), &NamedControl::name);
  if (named != kControls.end()) return named->control;
  throw Error("the value of --capacity cannot be used", "\"" + text + "\"",
              "fixed, reactive, forecast or, in simulations, perfect", "--capacity=forecast");
}

std::size_t quantile_of(const std::string& text) {
  const auto number = quantity_in(text, {{"", 1}});
  const auto found = number ? std::ranges::find(kQuantiles, *number) : kQuantiles.end();
  const auto position = static_cast<std::size_t>(found - kQuantiles.begin());
  if (found != kQuantiles.end() && position >= kMedian) return position;
  throw Error("the value of --capacity-quantile cannot be used", "\"" + text + "\"",
              "0.5, 0.9, 0.95 or 0.99", "--capacity-quantile=0.5");
}

}  // namespace

void describe_capacity_options(po::options_description& all) {
  auto add = all.add_options();
  add("capacity", po::value<std::string>(),
      "nodes that are switched on: fixed (default: all), reactive (by the work that has arrived), "
      "forecast (by the work that probably will) or, in simulations, perfect (by the work that "
      "will)");
  add("capacity-headroom", po::value<std::string>(),
      "of it over the work that arrives, relative to that (default 0.25)");
  add("capacity-park-after", po::value<std::string>(),
      "how long a node is not needed before it is parked (default 5s)");
  add("capacity-smoothing", po::value<std::string>(),
      "weight of the newest second in the work that has arrived of late (default 0.3)");
  add("capacity-quantile", po::value<std::string>(),
      "of the forecast, to switch nodes on by: 0.5 (default), 0.9, 0.95 or 0.99");
  add("capacity-day", po::value<std::string>(),
      "length of a day of social streams, to forecast by (default 86400s)");
  add("capacity-weights", po::value<std::string>(),
      "file of weights to forecast by (default: those that come with weir)");
  add("capacity-control", po::value<std::string>(),
      "what corrects it: none (default) or a file of `weir train control --level "
      "system`");
  add("node-warm-up", po::value<std::string>(),
      "what a parked node takes to come back (default 5s)");
}

CapacityOptions read_capacity_options(const po::variables_map& given) {
  CapacityOptions options;
  const auto text = [&given](const char* name) { return given[name].as<std::string>(); };
  for (const std::string_view name : kernel_names()) options.forecast.kinds.emplace_back(name);
  if (given.count("capacity")) options.control = control_of(text("capacity"));
  if (given.count("capacity-headroom"))
    options.planner.headroom =
        number_of({"capacity-headroom", text("capacity-headroom"), "0.25"}, "a share", kHeadroom);
  if (given.count("capacity-park-after"))
    options.planner.park_after =
        duration_of({"capacity-park-after", text("capacity-park-after"), "5s"}, kSeconds);
  if (given.count("capacity-smoothing"))
    options.planner.smoothing = number_of({"capacity-smoothing", text("capacity-smoothing"), "0.3"},
                                          "a weight", kSmoothing);
  if (given.count("capacity-quantile"))
    options.forecast.quantile = quantile_of(text("capacity-quantile"));
  if (given.count("capacity-day"))
    options.forecast.day_s =
        to_seconds(duration_of({"capacity-day", text("capacity-day"), "600s"}, kDay));
  if (given.count("capacity-weights")) options.forecast.weights = text("capacity-weights");
  if (given.count("capacity-control")) options.adviser = text("capacity-control");
  if (given.count("node-warm-up"))
    options.planner.warm_up = duration_of({"node-warm-up", text("node-warm-up"), "5s"}, kSeconds);
  return options;
}

std::vector<std::string> without_effect(const po::variables_map& given,
                                        const CapacityOptions& options) {
  std::vector<std::string> warnings;
  for (const char* name : {"capacity-headroom", "capacity-park-after", "capacity-smoothing",
                           "capacity-control", "node-warm-up"}) {
    if (given.count(name) && options.control == CapacityControl::kFixed) {
      warnings.push_back("--" + std::string(name) +
                         " has no effect without --capacity=reactive or forecast");
    }
  }
  // The day is the streams': a scenario may say it whatever it is run with.
  if (options.control == CapacityControl::kForecast) return warnings;
  if (given.count("capacity-quantile")) {
    warnings.emplace_back("--capacity-quantile has no effect without --capacity=forecast");
  }
  if (given.count("capacity-weights") && read_plan_demand(given) != PlanDemand::kForecast) {
    warnings.emplace_back(
        "--capacity-weights has no effect without --capacity=forecast or --plan-demand=forecast");
  }
  return warnings;
}

std::vector<std::pair<std::string, std::string>> as_text(const CapacityOptions& options) {
  if (options.control == CapacityControl::kFixed) return {};
  const auto named = std::ranges::find(kControls, options.control, &NamedControl::control);
  const CapacityPlannerOptions& planner = options.planner;
  std::vector<std::pair<std::string, std::string>> all{
      {"capacity", std::string(named->name)},
      {"capacity-headroom", number_text(planner.headroom)},
      {"capacity-park-after", number_text(to_seconds(planner.park_after)) + "s"},
      {"capacity-smoothing", number_text(planner.smoothing)},
      {"node-warm-up", number_text(to_seconds(planner.warm_up)) + "s"}};
  if (options.adviser != "none") all.emplace_back("capacity-control", options.adviser);
  if (options.control != CapacityControl::kForecast) return all;
  all.emplace_back("capacity-quantile", number_text(kQuantiles[options.forecast.quantile]));
  all.emplace_back("capacity-day", number_text(options.forecast.day_s) + "s");
  if (!options.forecast.weights.empty()) {
    all.emplace_back("capacity-weights", options.forecast.weights.string());
  }
  return all;
}

}  // namespace weir
