#include "tools/result/plan_demand_result.hpp"

#include <nlohmann/json.hpp>

namespace weir {

void print_plan_demand(const RunResult& result, std::ostream& out) {
  if (result.plan_demand == PlanDemand::kMeasured) return;
  out << "  plans        " << result.planned.foretold << " of " << result.planned.plans
      << " for foretold arrivals (" << name_of(result.plan_demand) << ")\n";
}

nlohmann::json plan_demand_json(const RunResult& result) {
  nlohmann::json json{{"by", name_of(result.plan_demand)}};
  if (result.plan_demand == PlanDemand::kMeasured) return json;
  json["plans"] = result.planned.plans;
  json["foretold"] = result.planned.foretold;
  return json;
}

}  // namespace weir
