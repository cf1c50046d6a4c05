// The signals by which a run is asked to stop: SIGUSR1 from `weir launch`, SIGTERM and SIGINT
// otherwise. The first one is remembered, and a second SIGINT or SIGTERM ends the process at once.

#pragma once

#include <functional>

namespace weir {

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
