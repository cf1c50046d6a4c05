// A rank's own clock: it shows another time than its neighbours' (skew) and gains or loses a little
// (drift), as real ones do. An instant that crosses ranks is wrong at once.

#pragma once

#include "runtime/base/time.hpp"
#include "runtime/sim/sim_time.hpp"

namespace weir {

class RankClock {
 public:
  RankClock() = default;
  // `skew`: what it shows at the begin of the world, not negative. `drift`: what it gains per unit
  // of time, for example 2e-5; above -1.
  RankClock(Duration skew, double drift) : skew_(skew), drift_(drift) {}

  // Never goes back.
  Instant local(SimTime t) const {
    const Duration since_start = t.time_since_epoch();
    const double gained = static_cast<double>(since_start.count()) * drift_;
    auto whole = static_cast<Duration::rep>(gained);
    if (static_cast<double>(whole) > gained) --whole;  // Down, also below zero.
    return Instant(skew_ + since_start + Duration(whole));
  }
  // The first time at which the clock shows at least `local`; kEndOfTime for kNever.
  SimTime global(Instant local) const;

 private:
  Duration skew_{0};
  double drift_ = 0;
};

}  // namespace weir
