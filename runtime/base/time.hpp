// Time as the scheduler sees it: durations, and instants of one rank's own clock.

#pragma once

#include <chrono>
#include <cstdint>

namespace weir {

using Duration = std::chrono::nanoseconds;

// The time line of one rank, counted from the moment its run began. Instants of different ranks do
// not compare: messages carry durations, never instants. There is no now(): time comes from a
// Clock.
struct RankTimeline {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<RankTimeline, Duration>;
  static constexpr bool is_steady = true;
};
using Instant = RankTimeline::time_point;

inline constexpr Instant kNever = Instant::max();

constexpr double to_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
constexpr double to_milliseconds(Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}
constexpr Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}
constexpr double seconds_since_start(Instant t) { return to_seconds(t.time_since_epoch()); }

}  // namespace weir
