// What no placement rule could beat in this run: the bounds of runtime/bounds for its nodes and its
// mix of classes.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/bounds/capacity.hpp"
#include "runtime/exec/emulation_spec.hpp"

namespace weir {

struct Workload;

struct RunBounds {
  double capacity_per_s = 0;
  double mean_floor_s = 0;  // at the rate of what is counted; infinite above the capacity
};

// Tasks per second by class, as the streams bring them over the whole run.
std::vector<double> class_rates_of(const Workload& work);

// The nodes of these ranks of the emulation, and the classes in proportion to their rates.
CapacityProblem capacity_problem(const EmulationSpec& nodes, std::span<const int> ranks,
                                 std::span<const double> class_rates);

RunBounds bounds_of(const EmulationSpec& nodes, std::span<const int> ranks,
                    std::span<const double> class_rates);

// A line that says so where the offered rate is above the capacity; else empty.
std::string overload_warning(double offered_rate_per_s, const RunBounds& bounds);

}  // namespace weir
