// MPI for one weir job: started or borrowed, with a private communicator that no other traffic
// sees. <mpi.h> stays out of this header; mpi_communicator.hpp is for those who bring their own.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"

namespace weir {

class BellWord;
class FrameCount;

// What weir needs of MPI: one calling thread, or any number beside the application's own calls.
enum class MpiThreads { kFunneled, kMultiple };

// Collective calls (marked so) must be made by all ranks in the same order. Only the thread that
// owns the context calls it. An MPI call that fails ends the job.
class MpiContext {
 public:
  // Initializes MPI and finalizes it at the end, for programs that are weir's own. The ranks are
  // those of MPI_COMM_WORLD. Throws Error when MPI offers less than `wanted`. Collective.
  static std::unique_ptr<MpiContext> start(MpiThreads wanted);

  // Collective. A borrowed communicator is emptied before; while an exception unwinds, or after
  // leave(), it is left as it is, and nobody is waited for.
  ~MpiContext();
  // The same, before: of the context there are the ranks left.
  void end();
  MpiContext(const MpiContext&) = delete;
  MpiContext& operator=(const MpiContext&) = delete;

  RankId rank() const;
  int rank_count() const;

  // Ranks that share a host share its cores. `host_of` is the lowest rank on the host of `rank`.
  RankId host_of(RankId rank) const;
  int host_count() const;
  int ranks_on_this_host() const;
  int index_on_this_host() const;
  // In memory that the ranks of a host share, as long as the context lives. Null for a rank of
  // another host, and everywhere where MPI shares no memory.
  BellWord* bell_word(RankId rank) const;
  // Likewise, of what `sender` sends to `receiver`. Null unless both are on this host.
  FrameCount* frame_count(RankId sender, RankId receiver) const;

  // Everyone's bytes, by rank, on every rank. Sleeps while it waits. Throws Error and leaves where
  // a rank has declined. Collective.
  std::vector<Bytes> gather_to_all(const Bytes& mine);
  // Everyone's bytes, by rank, on rank 0; empty elsewhere. Sleeps while it waits. Collective.
  std::vector<Bytes> gather(const Bytes& mine);

  // Receives what the transports on it have sent here and nobody took, and drops it; the number of
  // MPI messages. After the last transport on each rank. Sleeps while it waits. Collective.
  std::uint64_t drop_untaken();

  // Should MPI_Finalize come before the end of this context: there it begins with `action`, which
  // does not throw and may use MPI as ever. Once.
  void at_finalize(std::function<void()> action);

  // This rank takes part in nothing collective any more, and the others know.
  void leave();
  // Also where MPI has been finalized.
  bool has_left() const;
  // It takes part in no gather_to_all() any more: the one that others are in, or come to, throws
  // there. Where it `waits` until they have come, and all of them decline, the end of the context
  // is collective as ever; else it leaves.
  void decline(bool waits);

  struct State;
  State& state() { return *state_; }

  // For runtime/mpi itself.
  explicit MpiContext(std::unique_ptr<State> state);

 private:
  std::unique_ptr<State> state_;
};

// Lets a failed check on any rank end all ranks of MPI_COMM_WORLD (MPI_Abort).
void end_all_ranks_on_failure();

// Keeps freed memory for the next large buffer instead of returning it to the system, which would
// cost a page fault per 4 KB of every large message. For the whole process; call it once, in main.
void keep_freed_memory();

}  // namespace weir
