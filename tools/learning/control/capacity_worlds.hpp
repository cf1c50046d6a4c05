// The worlds in which capacity control learns: nodes are parked and called back, which takes time.

#pragma once

#include <cstdint>
#include <vector>

#include "tools/settings/scenario.hpp"

namespace weir {

// Like the scenarios elastic_crowds and elastic_bursts, with half of their nodes. Without a seed.
std::vector<Settings> known_capacity_worlds();

// Of other loads, streams, nodes, warm-ups and head rooms. Equal seeds give equal worlds.
std::vector<Settings> random_capacity_worlds(std::size_t count, std::uint64_t seed);

}  // namespace weir
