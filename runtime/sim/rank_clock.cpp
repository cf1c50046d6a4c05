#include "runtime/sim/rank_clock.hpp"

namespace weir {

SimTime RankClock::global(Instant local) const {
  if (local == kNever) return kEndOfTime;
  if (local <= Instant(skew_)) return SimTime{};
  const Duration shown = local.time_since_epoch() - skew_;
  if (drift_ == 0) return SimTime(shown);
  // Rounding makes the estimate wrong by a few nanoseconds at most.
  SimTime t(
      Duration(static_cast<Duration::rep>(static_cast<double>(shown.count()) / (1 + drift_))));
  while (this->local(t) < local) t += Duration(1);
  while (t > SimTime{} && this->local(t - Duration(1)) >= local) t -= Duration(1);
  return t;
}

}  // namespace weir
