// Children die with their rank, and so do their own children.
//
// The kernel can kill one child when the thread that made it dies (PR_SET_PDEATHSIG), but not what
// that child has started, as every shell does. So each rank has a keeper: a process that sleeps on
// a pipe whose other end only the rank holds. Children note their process group in memory that rank
// and keeper share. When the pipe ends, however the rank came to its end, the keeper kills the
// groups that are noted. It has a session of its own, so that what is done to the rank's process
// group does not reach it. It costs nothing while the rank lives.

#pragma once

#include <sys/types.h>

#include <atomic>

namespace weir {

class GroupKeeper {
 public:
  static constexpr int kMostGroups = 4096;

  // Forks: call it while the process has no other thread, before MPI is started. Throws Error when
  // the system has no process, pipe or memory for it.
  GroupKeeper();
  // Kills what is still noted.
  ~GroupKeeper();
  GroupKeeper(const GroupKeeper&) = delete;
  GroupKeeper& operator=(const GroupKeeper&) = delete;

  // Where the process group of one child at a time is noted; zero: none. Lives as long as the
  // keeper. The number of a worker will do: at least 0, less than kMostGroups.
  std::atomic<pid_t>& place(int index);

 private:
  void* memory_ = nullptr;
  int pipe_ = -1;
  pid_t keeper_ = -1;
};

}  // namespace weir
