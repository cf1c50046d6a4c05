// The main program of tests that run on several ranks.

#pragma once

#include "runtime/mpi/mpi_context.hpp"

namespace weir {

// All ranks of the test program; every test runs on all of them, in the same order.
MpiContext& test_ranks();

// Waits for all ranks, asleep. Collective.
void meet();

}  // namespace weir
