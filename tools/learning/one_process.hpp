// `weir train` and `weir evaluate` are for one process: under mpirun every rank would do all of it,
// and write the same files.

#pragma once

namespace weir {

// Throws Error under mpirun with more than one rank.
void refuse_several_ranks();

}  // namespace weir
