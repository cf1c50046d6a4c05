// Finds out that nobody of a node goes on: every worker waits in a task, deep in its stack, and
// takes none of the tasks that are queued here (worker_help.cpp). Where one of them has room on its
// stack it may then take one that it would leave to others. Where none has, a task that a task
// submitted fails in place of being run, the deepest, and who waits for it hears that. For a while
// afterwards nothing starts deep in a stack, so that what waits there can end.
//
// It may be wrong: workers that wait for other ranks may be about to get what they wait for. So it
// gives them a second in which nothing is queued or ends here and no worker moves, and in which the
// control thread looks all the time.

#pragma once

#include <optional>

#include "runtime/base/time.hpp"
#include "runtime/exec/worker_team.hpp"

namespace weir {

// For the control thread.
class StandstillWatch {
 public:
  explicit StandstillWatch(WorkerTeam& team) : team_(team) {}

  // Something was queued, or has ended: the second begins anew.
  void on_change() { quiet_ = Duration::zero(); }
  // The end of a task that was given up. Call it whenever something may have changed, and at
  // next_look().
  std::optional<TaskEnd> look(Instant now);
  Instant next_look() const;

 private:
  TaskEnd give_up(const QueuedTask& queued, Instant now) const;

  WorkerTeam& team_;
  Instant looked_ = kNever;  // when nobody could go on at the last look
  std::uint64_t word_ = 0;   // of the stalled workers, then
  Duration quiet_{0};        // for so long nothing has happened
  Instant unwinds_until_ = kNever;
};

}  // namespace weir
