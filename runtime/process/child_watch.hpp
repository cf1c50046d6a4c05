// Ends children that run for too long, and all of them when that is asked for: a SIGTERM to the
// process group, and after some patience a SIGKILL.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/base/time.hpp"

namespace weir {

enum class EndedBy : std::uint8_t { kItself, kTimeLimit, kRequest };

// From SIGTERM to SIGKILL.
struct ChildWatchOptions {
  // At a time limit: longer than the second in which an mpirun that is a child ends its ranks.
  Duration patience = std::chrono::seconds(2);
  // Where all are ended: shorter than the second that mpirun gives a rank that it wants to end.
  Duration hurried_patience = std::chrono::milliseconds(400);
};

// Any thread may call it. One thread of its own, asleep until a limit is due.
class ChildWatch {
 public:
  explicit ChildWatch(ChildWatchOptions options = {});
  ~ChildWatch();
  ChildWatch(const ChildWatch&) = delete;
  ChildWatch& operator=(const ChildWatch&) = delete;

  // Watches a process group until remove(). One that comes after end_all() is ended at once.
  void add(pid_t group, std::optional<Duration> limit);
  // Before the leader of the group is reaped: its number may belong to others from then on. Says
  // who asked it to end, if anybody.
  EndedBy remove(pid_t group);

  // Ends all children, also those still to come.
  void end_all();

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Watched {
    pid_t group;
    SteadyTime due;
    EndedBy ended_by = EndedBy::kItself;
    bool asked = false;
  };

  void watch();
  void ask(Watched& watched, EndedBy by, SteadyTime now);
  // Asks it to end, the first time; kills it, the second.
  void press(Watched& watched, SteadyTime now);

  ChildWatchOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Watched> watched_;
  bool ends_all_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weir
