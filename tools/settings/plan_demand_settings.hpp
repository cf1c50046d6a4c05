// The option that says which arrivals coordinators plan for.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/control/capacity_options.hpp"

namespace boost::program_options {
class options_description;
class variables_map;
}  // namespace boost::program_options

namespace weir {

enum class PlanDemand {
  kMeasured,  // those of late
  kForecast,  // those of the next second, as the forecaster of `--capacity=forecast` expects them
  kPerfect,   // those of the next second; in simulations only
};

std::string_view name_of(PlanDemand demand);

// Adds its description.
void describe_plan_demand(boost::program_options::options_description& all);

// Throws Error for what is unknown.
PlanDemand read_plan_demand(const boost::program_options::variables_map& given);

// A line where it was given and changes nothing; else empty. `control`: of RunOptions.
std::string without_effect(PlanDemand demand, const std::string& policy,
                           const std::string& control);

// Name and value as text, as RunOptions has them. With those options of capacity that it goes by,
// where that does not say them itself.
std::vector<std::pair<std::string, std::string>> as_text(PlanDemand demand,
                                                         const CapacityOptions& capacity);

}  // namespace weir
