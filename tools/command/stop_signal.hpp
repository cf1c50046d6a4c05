// The signals by which a run is asked to stop: SIGURG from `weir launch`, SIGUSR1, SIGTERM and
// SIGINT otherwise. The first one is remembered, and a second SIGINT or SIGTERM ends the process at
// once; or the second is remembered as well, and the third ends it. Where a run can be continued,
// SIGUSR1 asks it to pause instead.

#pragma once

#include <csignal>
#include <functional>

namespace weir {

// Unlike others it harms no process that does not handle it: a stop may reach mpirun or a rank that
// is still starting. `weir launch` repeats it until all have ended.
inline constexpr int kStopFromLauncher = SIGURG;

// The exit code after a stop, by whichever signal: what a shell tells of SIGINT.
inline constexpr int kExitInterrupted = 130;

enum class SecondStop { kEndsTheProcess, kIsRemembered };
// What SIGUSR1 asks for.
enum class OnUsr1 { kStop, kPause };

struct StopHandling {
  SecondStop second = SecondStop::kEndsTheProcess;
  OnUsr1 on_usr1 = OnUsr1::kStop;
};

// One at a time.
class StopSignal {
 public:
  explicit StopSignal(const StopHandling& handling);
  StopSignal() : StopSignal(StopHandling()) {}
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  bool requested() const;
  // By a SIGINT or SIGTERM after the first request.
  bool requested_twice() const;
  bool pause_requested() const;

  // Called from the signal handler when either is requested, so it may do only what a handler may;
  // empty: nothing.
  void on_request(std::function<void()> call) const;
};

}  // namespace weir
