// Inside runtime/mpi: the part of the context that needs <mpi.h>.

#pragma once

#include <mpi.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <vector>

#include "runtime/mpi/bell_word.hpp"
#include "runtime/mpi/frame_count.hpp"
#include "runtime/mpi/mpi_context.hpp"

namespace weir {

// Errors are returned (MPI_ERRORS_RETURN), and Open MPI 4.1 never returns one for a lost peer: one
// that comes is a mistake, and ends the job.
void check_mpi(int code, const char* call);

// Waits for the request without burning a core: a few tests, then growing sleeps up to 1 ms.
void wait_sleeping(MPI_Request& request);

// MPI messages on a communicator. Those that are on their way when it goes may be received from the
// next one, as Open MPI gives that the same number.
struct Traffic {
  std::vector<std::uint64_t> sent_to;     // by peer
  std::vector<std::uint64_t> taken_from;  // by peer: a receive is posted, or matched
  std::vector<MPI_Request> left;          // receives that an inbox had open when it went
};

struct MpiContext::State {
  MPI_Comm communicator = MPI_COMM_NULL;
  bool finalize = false;  // MPI was initialized here
  bool has_left = false;
  bool has_ended = false;
  std::function<void()> at_finalize;
  int finalize_key = MPI_KEYVAL_INVALID;  // of an attribute of MPI_COMM_SELF, which goes first
  int unwinding_before = std::uncaught_exceptions();
  Traffic traffic;
  int rank = 0;
  int rank_count = 1;
  std::vector<RankId> host_of;
  int host_count = 1;
  int ranks_on_this_host = 1;
  int index_on_this_host = 0;
  // Of each rank on this host a BellWord, and a FrameCount for each sender.
  MPI_Win host_memory = MPI_WIN_NULL;
  std::vector<int> index_on_host;         // by rank; of this host only
  std::vector<BellWord*> bell_words;      // by rank; null on other hosts
  std::vector<FrameCount*> frame_counts;  // by receiver, then index_on_host; null on other hosts
};

}  // namespace weir
