// How late the control thread may see that tasks have ended.
//
// To be woken for each end costs it, and the worker whose core it takes, tens of microseconds. As
// long as every worker has a further task waiting, nothing stands still meanwhile, and what has
// been under way for long may be heard of a little later: an end may be left for an eighth of the
// time from the task's arrival at the node to its end, but at least 100 us and at most a tick. So
// where tasks are as long as those before, no result of a task of 0.8 ms or more comes later by
// more than that part, and by Little's law ends not yet seen are no more than an eighth of such
// tasks.
//
// Who sees to it: the worker itself, while its next end is expected in time. Where that comes late,
// because a task was longer than the one before, the control thread finds the ends that were left:
// while they come so densely that a tick sees several, it looks once a tick without being called.
// When it does not, the first end calls it.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "runtime/base/time.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

inline constexpr Duration kEndTick = std::chrono::milliseconds(10);
// Some times what it costs to be woken: shorter tasks share one.
inline constexpr Duration kLeastPatience = std::chrono::microseconds(100);

// Of an end behind which every worker has another task.
inline Duration patience_for(const TaskEnd& end) {
  constexpr int kPart = 8;
  return std::clamp<Duration>((end.waited + end.service) / kPart, kLeastPatience, kEndTick);
}

// Of the control thread.
class EndWatch {
 public:
  // So many ends were taken; `may_wait`: whether every worker had another task behind the last.
  void on_taken(std::size_t count, bool may_wait, Instant now);

  // When to take ended tasks without being called; kNever: when called.
  Instant next_look() const { return next_look_; }

 private:
  Instant next_look_ = kNever;
  Instant last_taken_{};
};

}  // namespace weir
