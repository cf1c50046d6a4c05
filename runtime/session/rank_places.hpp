// Where the ranks of a job are: on which hosts, and at which leaf switches. The tree of
// coordinators is made of it.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "runtime/control/coordination_tree.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "topology/switch_file.hpp"

namespace weir {

// What one rank knows of its place.
struct PlaceClue {
  RankId host;          // the lowest rank on its host
  std::string name;     // of its host
  std::string node;     // what Slurm calls it (SLURMD_NODENAME), as a rank; empty: no Slurm
  std::string address;  // likewise, SLURM_TOPOLOGY_ADDR: the switches above it, and its name
  std::string pattern;  // SLURM_TOPOLOGY_ADDR_PATTERN: what the parts of the address are
};

// The leaf switch of each rank by its host. Throws Error when a host is not in the file.
std::vector<int> switches_in_file(std::span<const PlaceClue> ranks, const SwitchFile& file);

// The same by Slurm's addresses: one number for all that is above the node, from 0. Empty where an
// address is missing or has no switch in it, and where ranks of two hosts have the same one: then
// it was handed on with the environment of another host.
std::vector<int> switches_by_address(std::span<const PlaceClue> ranks);

// Of all ranks, equal on all of them. `switch_file` is read on rank 0; without one it is Slurm that
// tells of switches, or nobody. Throws Error, on all ranks alike. Collective.
RankPlaces rank_places(MpiContext& mpi, const std::string& switch_file);

// Of a job that does not exist: its ranks on the hosts of the file in their order, on each about as
// many.
RankPlaces places_on(const SwitchFile& file, int rank_count);

}  // namespace weir
