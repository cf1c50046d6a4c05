// What no placement rule could beat in this run: the bounds of runtime/bounds for its nodes and its
// mix of classes.

#pragma once

#include <string>

#include "runtime/bounds/capacity.hpp"
#include "runtime/exec/emulation_spec.hpp"

namespace weir {

struct Workload;

struct RunBounds {
  double capacity_per_s = 0;
  double mean_floor_s = 0;  // at the offered rate; infinite above the capacity
};

// The first `rank_count` nodes of the emulation, and the classes as often as the streams bring
// them.
CapacityProblem capacity_problem(const EmulationSpec& nodes, int rank_count, const Workload& work);

RunBounds bounds_of(const EmulationSpec& nodes, int rank_count, const Workload& work);

// A line that says so where the offered rate is above the capacity; else empty.
std::string overload_warning(double offered_rate_per_s, const RunBounds& bounds);

}  // namespace weir
