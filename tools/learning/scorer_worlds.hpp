// The worlds in which a scorer learns: some that are like those it will be judged in, and others
// drawn at random, so that it has seen small clusters and large ones, few dispatchers and many,
// fresh reports and old ones, and every effect on services alone and beside others.

#pragma once

#include <cstdint>
#include <vector>

#include "tools/settings/scenario.hpp"

namespace weir {

// `combined` at three loads, and each of its effects by itself. Without policy and seed.
std::vector<Settings> known_scorer_worlds();

// Domain randomization (J. Tobin et al., IROS 2017). Equal seeds give equal worlds. What is held
// back for judging: streams of phones, and sizes of more than C2 = 16.
std::vector<Settings> random_scorer_worlds(std::size_t count, std::uint64_t seed);

}  // namespace weir
