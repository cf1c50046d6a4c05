// How the ranks of one host share its cores.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "topology/machine.hpp"

namespace weir {

struct WorkerPlace {
  int core = 0;   // Position in Machine::cores.
  int kind = 0;   // Position in Machine::core_kinds.
  Cpuset cpuset;  // All allowed PUs of the core.
};

// What one rank of a host gets.
struct NodeShare {
  Cpuset cpuset;                     // All of its workers' PUs.
  std::vector<WorkerPlace> workers;  // At least one; in topological order.
  std::vector<int> numa;             // Domains of its cores, ascending positions in Machine::numa.
  // Its part of the memory of those domains, in proportion to the cores; nothing when the machine
  // does not tell.
  std::optional<std::uint64_t> memory_bytes;
  bool oversubscribed = false;  // Another share has the same core.
};

// Divides Machine::allowed into `parts` >= 1 shares. Whole cores; the numbers of cores differ by at
// most one; together the shares are Machine::allowed. A share is a run of neighbouring cores, cut
// between packages, NUMA domains, clusters and caches wherever the sizes leave a choice. On a
// hybrid machine each share is one such run of every kind of core, so that no rank of a host is
// slow because it got all the efficiency cores. With more parts than cores, neighbouring shares
// have one core together. The same machine and number give the same shares, so every rank can
// compute them alone.
std::vector<NodeShare> divide(const Machine& machine, int parts);

}  // namespace weir
