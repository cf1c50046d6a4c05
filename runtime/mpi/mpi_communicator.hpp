// For applications that run MPI themselves and lend weir a communicator.

#pragma once

#include <mpi.h>

#include <memory>

#include "runtime/mpi/mpi_context.hpp"

namespace weir {

// Throws Error when the running MPI offers less than `wanted`.
void require_thread_support(MpiThreads wanted);

// Duplicates `communicator`, which stays the caller's; MPI stays initialized when the context ends.
// Throws Error when MPI is not initialized, is finalized, offers less than `wanted`, or lets only
// another thread call it. Collective over `communicator`.
std::unique_ptr<MpiContext> borrow_communicator(MPI_Comm communicator, MpiThreads wanted);

}  // namespace weir
