// How busy the cluster is, by what its nodes report.

#pragma once

#include <cstddef>
#include <vector>

#include "runtime/policy/views.hpp"

namespace weir {

// The mean number of busy cores is the arrival rate x the mean service (Little's law), so reports
// tell the offered load although nobody counts arrivals. Waiting tasks count as cores that are
// wanted: a rule that crowds few nodes and leaves the others empty would else take the cluster for
// idle and go on. So the load reads a little high where tasks wait. Each node's number is smoothed,
// and limited to two tasks per core.
class LoadEstimate {
 public:
  void on_report(const NodeView& node);

  // Wanted over all nominal capacity of the nodes that reported, in [0, 1]; kUnknownLoad before the
  // first report.
  double load() const;

  // A usual load, for the moment until reports come.
  static constexpr double kUnknownLoad = 0.8;

 private:
  struct Known {
    double capacity = 0;
    double demand = 0;  // unit-speed cores
  };
  std::vector<Known> nodes_;
  double capacity_ = 0;
  double demand_ = 0;
};

}  // namespace weir
