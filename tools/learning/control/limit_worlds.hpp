// The worlds in which control of class limits learns: tasks of a class slow each other down.

#pragma once

#include <cstdint>
#include <vector>

#include "tools/settings/scenario.hpp"

namespace weir {

// Like the scenarios interference, combined at two loads, and small8_combined with contention.
// Without a seed.
std::vector<Settings> known_limit_worlds();

// Of ten or twelve nodes, with other loads, sizes, drift, and shares and strengths of contention.
// Equal seeds give equal worlds.
std::vector<Settings> random_limit_worlds(std::size_t count, std::uint64_t seed);

}  // namespace weir
