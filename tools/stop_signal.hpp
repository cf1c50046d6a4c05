// The signals by which a run is asked to stop: SIGURG from `weir launch`, SIGUSR1, SIGTERM and
// SIGINT otherwise. The first one is remembered, and a second SIGINT or SIGTERM ends the process at
// once.

#pragma once

#include <csignal>
#include <functional>

namespace weir {

// Unlike others it harms no process that does not handle it: a stop may reach mpirun or a rank that
// is still starting. `weir launch` repeats it until all have ended.
inline constexpr int kStopFromLauncher = SIGURG;

// One at a time.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  bool requested() const;

  // Called from the signal handler when a stop is requested, so it may do only what a handler may;
  // empty: nothing.
  void on_request(std::function<void()> call) const;
};

}  // namespace weir
