// What capacity cost in a simulated run, and how often a network corrected it.

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>

#include "tools/result/run_result.hpp"

namespace weir {

// Lines of the summary.
void print_capacity(const WorldResult& world, std::ostream& out);
nlohmann::json capacity_json(const WorldResult& world);

}  // namespace weir
