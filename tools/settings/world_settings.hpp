// Settings of the virtual world: its network, what goes wrong in it, and which nodes are parked.

#pragma once

#include <span>
#include <string>

#include "runtime/exec/emulation_spec.hpp"
#include "runtime/sim/faults.hpp"
#include "runtime/sim/network_model.hpp"
#include "runtime/sim/node_plan.hpp"

namespace weir {

struct WorldSettings {
  NetworkOptions network;
  FaultOptions faults;
  ParkingOptions parking;
};

// False when there is no setting of that name. Throws Error for a value that it cannot have.
bool read_world_setting(WorldSettings& world, const std::string& name, const std::string& value);

// What no single setting can say about itself: that ranks and clusters exist, that some node is
// always there of those that run tasks, and that periods do not overlap. Throws Error.
void check_world(const WorldSettings& world, const EmulationSpec& nodes,
                 std::span<const int> working_ranks);

// Lines for `weir simulate --help`.
std::string world_settings_help();

}  // namespace weir
