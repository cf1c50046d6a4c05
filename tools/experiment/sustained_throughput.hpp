// The largest rate that a policy sustains: bisection on the offered load, each probe a run in
// virtual time.
//
// A probe passes when over the window the mean response is at most 200 ms, the 95th percentile at
// most 600 ms, losses are below 0.1 % and the backlog does not grow. Most probes that fail are
// known to fail early: once so many tasks have been late that the rest cannot mend it, or so many
// are waiting that even a node that did nothing else would take seconds.

#pragma once

#include <optional>

#include "tools/experiment/trial.hpp"

namespace weir {

struct SustainedLimits {
  double mean_s = 0.2;
  double p95_s = 0.6;
  double loss = 0.001;
  double backlog_growth = 0.25;   // from the first third of the window to the last
  double hopeless_backlog_s = 2;  // of arrivals waiting: no probe recovers from that in time
};

struct SustainedThroughput {
  double rate_per_s = 0;  // 0: not even the smallest load tried; near a load of 8
                          // the search ends, and more may be sustained
  double load = 0;        // of the nominal capacity
  int probes = 0;
};

// `window` is sustained after the scenario's warm-up. Found to 1 %. Nothing when `stop` became
// true.
std::optional<SustainedThroughput> sustained_throughput(const Settings& scenario, Duration window,
                                                        const StopRequest& stop,
                                                        const SustainedLimits& limits = {});

}  // namespace weir
