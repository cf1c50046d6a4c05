// What no placement rule can beat, whatever it knows: the rate a cluster can sustain, and the mean
// response below which it cannot go (README.md has the formulas).

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace weir {

// All tasks, and all nodes, by kind.
struct CapacityProblem {
  struct TaskClass {
    double share = 1;        // of the arrivals, relative to the other classes
    double mean_work_s = 1;  // on a core of speed 1
    bool memory_hungry = false;
  };
  struct NodeType {
    double count = 1;  // nodes
    double cores = 1;  // of each
    double speed = 1;
    // Drift: for this share of the time a node is at `speed`, else at slow_factor x speed.
    double good_share = 1;
    double slow_factor = 1;
    // Of each node's cores, by class: each that the class has busy beyond this costs another one.
    // Infinite, as for classes beyond the end: no such limit.
    std::vector<double> class_limits = {};
  };
  // More than harmless_share x cores memory-hungry tasks at a node slow each other down, by
  // 1 + beta (excess / harmless).
  struct Interference {
    double beta = 0;
    double harmless_share = 1;
  };

  std::vector<TaskClass> classes;
  std::vector<NodeType> types;
  // How many times as long a class takes on a node type, by class, then by type; empty: 1.
  std::vector<std::vector<double>> slow_down;
  Interference interference;
};

// By class, then by type: which share of the class goes to nodes of the type. Each class sums to 1,
// except one without arrivals: 0.
using ClassShares = std::vector<std::vector<double>>;

struct CapacityBound {
  double rate_per_s = 0;  // of all classes together
  ClassShares shares;     // of one way to reach it
};

// The largest rate at which no queue grows without end. Zero for a problem without arrivals.
CapacityBound capacity_bound(const CapacityProblem& problem);

struct LeastBusy {
  double busy_cores = 0;
  ClassShares shares;
  // By type: how many busy cores one more core of it would save, the dual value of its capacity;
  // with drift that of its good state. Zero where the type has room. A class with service times S
  // is served only where S x (1 + price) is least, as far as its limits leave it a choice.
  std::vector<double> core_prices;
};

// How to serve the rate with the fewest cores busy on average. Nothing where the rate exceeds the
// capacity.
std::optional<LeastBusy> least_busy(const CapacityProblem& problem, double rate_per_s);

// Seconds that a task spends in the system on average at least, at a rate above zero. Infinite
// where the rate exceeds the capacity.
double response_floor(const CapacityProblem& problem, double rate_per_s);

}  // namespace weir
