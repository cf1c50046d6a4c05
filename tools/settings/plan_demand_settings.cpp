#include "tools/settings/plan_demand_settings.hpp"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>

#include "runtime/base/error.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/policy/planner.hpp"
#include "runtime/policy/policy_name.hpp"
#include "runtime/sim/oracle_policy.hpp"
#include "tools/command/option_values.hpp"

namespace weir {
namespace {

namespace po = boost::program_options;

struct NamedDemand {
  std::string_view name;
  PlanDemand demand;
};
constexpr std::array<NamedDemand, 3> kDemands = {{{"measured", PlanDemand::kMeasured},
                                                  {"forecast", PlanDemand::kForecast},
                                                  {"perfect", PlanDemand::kPerfect}}};

// Whether a task is ever placed by what a planner says. The rule of the tree has plans made, and
// by default takes no notice of their prices.
bool heeds_plans(const std::string& policy, const std::string& control) {
  if (policy == kOraclePolicy || make_policy(policy, {})->make_planner(1) == nullptr) return false;
  if (is_learned(policy)) return control != "none";
  const std::vector<PolicyParameter> parameters = policy_parameters(policy);
  if (std::ranges::find(parameters, "price", &PolicyParameter::name) == parameters.end()) {
    return true;
  }
  const ParameterValues values(policy, parameters, parse_policy_name(policy).settings);
  return values["price"] > 0;
}

}  // namespace

std::string_view name_of(PlanDemand demand) {
  return std::ranges::find(kDemands, demand, &NamedDemand::demand)->name;
}

void describe_plan_demand(po::options_description& all) {
  all.add_options()(
      "plan-demand", po::value<std::string>(),
      "arrivals that coordinators plan for: measured (default: those of late), forecast (those of "
      "the next second, with --capacity-weights and --capacity-day) or, in simulations, perfect");
}

PlanDemand read_plan_demand(const po::variables_map& given) {
  if (!given.count("plan-demand")) return PlanDemand::kMeasured;
  const auto text = given["plan-demand"].as<std::string>();
  const auto named = std::ranges::find(kDemands, std::string_view(text), &NamedDemand::name);
  if (named != kDemands.end()) return named->demand;
  throw Error("the value of --plan-demand cannot be used", "\"" + text + "\"",
              "measured, forecast or, in simulations, perfect", "--plan-demand=forecast");
}

std::string without_effect(PlanDemand demand, const std::string& policy,
                           const std::string& control) {
  if (demand == PlanDemand::kMeasured || heeds_plans(policy, control)) return {};
  return "--plan-demand has no effect without a policy that heeds plans, such as lp_shares, "
         "tree:price=0.5 or, with --control, learned";
}

std::vector<std::pair<std::string, std::string>> as_text(PlanDemand demand,
                                                         const CapacityOptions& capacity) {
  if (demand == PlanDemand::kMeasured) return {};
  std::vector<std::pair<std::string, std::string>> all{
      {"plan-demand", std::string(name_of(demand))}};
  const bool is_said = capacity.control == CapacityControl::kForecast;
  if (demand != PlanDemand::kForecast || is_said) return all;
  all.emplace_back("capacity-day", number_text(capacity.forecast.day_s) + "s");
  if (!capacity.forecast.weights.empty()) {
    all.emplace_back("capacity-weights", capacity.forecast.weights.string());
  }
  return all;
}

}  // namespace weir
