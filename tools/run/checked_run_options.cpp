#include "tools/run/checked_run_options.hpp"

#include <utility>

#include "ml/inference/learned_capacity.hpp"
#include "ml/inference/learned_limits.hpp"
#include "ml/inference/learned_planner.hpp"
#include "ml/inference/weight_file.hpp"
#include "runtime/base/error.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/exec/emulation_spec.hpp"
#include "runtime/record/run_file.hpp"
#include "runtime/sim/oracle_policy.hpp"
#include "tools/run/run_survival.hpp"

namespace weir {
namespace {

void refuse_oracle(const std::string& policy) {
  if (policy != kOraclePolicy) return;
  throw Error("this policy exists in simulations only", "--policy " + policy,
              "a rule that does with what real nodes tell: the oracle knows what every task will "
              "take",
              "weir simulate jobs/scenarios/stale.ini --policy oracle, or weir policies");
}

void refuse_perfect_forecasts(const RunOptions& options) {
  for (const auto& [option, is_perfect] :
       {std::pair("--capacity", options.capacity.control == CapacityControl::kPerfect),
        std::pair("--plan-demand", options.plan_demand == PlanDemand::kPerfect)}) {
    if (!is_perfect) continue;
    throw Error("perfect forecasts exist in simulations only", std::string(option) + " perfect",
                "what can be known before the tasks are there", std::string(option) + " forecast");
  }
}

}  // namespace

RunOptions checked_run_options(const std::vector<std::string>& arguments) {
  RunOptions options = parse_run_options(arguments, weir_environment());
  if (options.help) return options;
  refuse_oracle(options.policy);
  refuse_perfect_forecasts(options);
  check_survival(options);
  make_policy(options.policy, {});
  if (is_learned(options.policy)) {
    service_estimator_of(options.weights);
    price_network_of(options.control);
  }
  const bool plans_by_forecast = options.plan_demand == PlanDemand::kForecast;
  if (plans_by_forecast || options.capacity.control == CapacityControl::kForecast) {
    LearnedDemand check_weights(options.capacity.forecast);
  }
  learned_capacity_of(options.capacity.adviser);
  learned_limits_of(options.limit_control);
  if (!options.emulate.empty()) EmulationSpec::parse(options.emulate);
  if (options.record) check_writable(*options.record);
  if (!options.online.save_weights.empty()) check_place_of_weights(options.online.save_weights);
  return options;
}

std::vector<std::string> warnings_for(const RunOptions& options, int rank_count) {
  std::vector<std::string> warnings = options.warnings;
  if (options.dispatchers > rank_count) {
    warnings.push_back("--dispatchers " + std::to_string(options.dispatchers) +
                       " is more than the " + std::to_string(rank_count) +
                       " ranks of the job: all of them submit");
  }
  const int nodes =
      options.emulate.empty() ? rank_count : EmulationSpec::parse(options.emulate).node_count();
  if (nodes != rank_count) {
    warnings.push_back(
        "--emulate describes " + std::to_string(nodes) +
        (nodes == 1 ? " node for " : " nodes for ") + std::to_string(rank_count) + " ranks: " +
        (rank_count < nodes ? "only the first " + std::to_string(rank_count) + " are used"
                            : "further ranks start again with the first node"));
  }
  return warnings;
}

}  // namespace weir
