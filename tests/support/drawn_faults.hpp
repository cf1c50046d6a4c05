// Faults of simulated worlds that are drawn from a seed.

#pragma once

#include "runtime/base/random.hpp"
#include "runtime/sim/faults.hpp"

namespace weir {

inline Duration duration_up_to(Random& random, Duration most) {
  return Duration(
      static_cast<Duration::rep>(random.below(static_cast<std::uint64_t>(most.count()))));
}

// Late, lost and repeated messages, and a stop of about one rank in `ranks_per_stop`.
inline FaultOptions draw_faults(Random& random, int rank_count, std::uint64_t ranks_per_stop,
                                Duration longest_stop) {
  using namespace std::chrono_literals;
  FaultOptions faults{.delayed_share = 0.05 * static_cast<double>(random.below(3)),
                      .mean_delay = 20ms,
                      .lost_report_share = 0.3 * static_cast<double>(random.below(3)),
                      .duplicated_report_share = 0.3 * static_cast<double>(random.below(3))};
  for (int rank = 0; rank < rank_count; ++rank) {
    if (random.below(ranks_per_stop) != 0) continue;
    const SimTime from{duration_up_to(random, 800ms)};
    faults.stops.push_back({RankId(rank), from, from + 1ms + duration_up_to(random, longest_stop)});
  }
  return faults;
}

}  // namespace weir
