// Which arrivals coordinators planned for, and how often a forecast counted.

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "tools/result/run_result.hpp"

namespace weir {

// A line of the summary; none where plans went by what had arrived.
void print_plan_demand(const RunResult& result, std::ostream& out);
nlohmann::json plan_demand_json(const RunResult& result);

}  // namespace weir
