#include "tools/settings/scenario_nodes.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/base/error.hpp"
#include "runtime/sim/simulation.hpp"
#include "tools/settings/working_ranks.hpp"
#include "topology/cgroup_limits.hpp"

namespace weir {
namespace {

void check_memory(int nodes) {
  // Resident memory of worlds of 625 to 10,000 nodes, by node (runtime/sim/README.md).
  constexpr double kBytesPerNode = 130e3;
  double there =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (const auto limit = CgroupLimits("/proc", "/sys/fs/cgroup").memory()) {
    there = std::min(there, static_cast<double>(limit->limit_bytes));
  }
  if (nodes * kBytesPerNode <= there) return;
  const auto in_gb = [](double bytes) { return std::to_string(std::lround(bytes / 1e9)) + " GB"; };
  throw Error("so many nodes do not fit into memory",
              std::to_string(nodes) + " nodes, about " + in_gb(nodes * kBytesPerNode),
              "at most " + std::to_string(std::lround(there / kBytesPerNode)) +
                  " nodes: " + in_gb(there) + " are there, and a node takes about 130 KB",
              "fewer nodes, as emulate=nodes=32x1*1000");
}

}  // namespace

EmulationSpec nodes_of(const SimulateOptions& options) {
  EmulationSpec nodes = EmulationSpec::parse(options.run.emulate);
  check_memory(nodes.node_count());
  nodes.mean_work_s *= options.run.work_scale;
  return nodes;
}

std::vector<int> working_ranks(const SimulateOptions& options) {
  SimulationOptions world;
  world.nodes = nodes_of(options);
  world.network = options.world.network;
  return working_ranks(options.run, simulated_places(world));
}

}  // namespace weir
