// The one time of the virtual world, which no rank sees: each has a clock of its own.

#pragma once

#include <chrono>

#include "runtime/base/time.hpp"

namespace weir {

struct SimTimeline {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<SimTimeline, Duration>;
  static constexpr bool is_steady = true;
};
using SimTime = SimTimeline::time_point;

inline constexpr SimTime kEndOfTime = SimTime::max();

constexpr double seconds_since_start(SimTime t) { return to_seconds(t.time_since_epoch()); }

}  // namespace weir
