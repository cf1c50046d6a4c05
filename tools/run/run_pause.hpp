// A run on ranks that pauses: all homes stop at one time of the streams, and what is in flight is
// drained, so that a position is left from which the run can go on.
//
// Homes need not be equally far when the signal comes, for one that had too many tasks in flight is
// behind. Each holds its source where it is and offers how far it came; the farthest of them is the
// time at which all stop, and the others go on until there.

#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "runtime/mpi/joint_maximum.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/load/pausable_source.hpp"
#include "tools/result/run_reactor.hpp"
#include "tools/run/run_position.hpp"

namespace weir {

// EX_TEMPFAIL: nothing is wrong, and the same command goes on where this one stopped.
inline constexpr int kExitToBeContinued = 75;

// The position that rank 0 finds where the options say, on all ranks; nothing: the run begins.
// `empty` gives the shape of the tally. False, on all ranks, where it cannot be used, which rank 0
// has told then. Rank 0 has the place from then on. Collective.
bool find_position(MpiContext& mpi, const RunOptions& options, const RunTally& empty,
                   std::optional<PositionPlace>& place, std::optional<RunPosition>& position);

// The file of this part of a record: run.h5, run.part2.h5, run.part3.h5.
std::filesystem::path record_of_part(const std::filesystem::path& record, int part);

// What rank 0 says, on all ranks. Collective.
bool as_rank_0_says(MpiContext& mpi, bool own);

class RunPause {
 public:
  // All outlive it. Collective, as its end is.
  RunPause(MpiContext& mpi, PausableSource& source, const StopSignal& stop);

  // To be looked at in the control loop.
  std::unique_ptr<RunObserver> observer();

  // After the loop: the instant at which all homes stopped and behind which something is left.
  // Nothing where the run came to its end, or was ended in another way. Collective.
  std::optional<Instant> stopped_at();

 private:
  class Watch;

  MpiContext& mpi_;
  PausableSource& source_;
  const StopSignal& stop_;
  JointMaximum joint_;
};

}  // namespace weir
