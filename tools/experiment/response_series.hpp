// Mean and 99th percentile of the response in every second of a run, how soon after a step it has
// settled, and how far it shoots over.

#pragma once

#include <span>
#include <vector>

#include "runtime/base/histogram.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {

// By the second in which tasks complete, from the begin of the run, the warm-up included, until the
// second of the last arrival: what completes later are the long tasks alone, which would pass for
// a new steady state.
class ResponseSeries final : public SimulationWatch {
 public:
  void on_completed(const CompletedTask& task, Duration now) override;
  // A second without completions has the value of the one before.
  std::vector<double> means_ms() const;
  std::vector<double> p99s_ms() const;

 private:
  std::span<const DurationHistogram> with_arrivals() const;

  std::vector<DurationHistogram> seconds_;
  Duration last_arrival_{0};
};

// The mean of the last third of the seconds from `step` on: the new steady state, where there is
// one. At least one second lies behind `step`.
double steady_mean_ms(std::span<const double> seconds_ms, std::size_t step);

struct AdaptationRule {
  double tolerance = 0.1;   // above the steady state; below it a policy has nothing to adapt to
  std::size_t hold_s = 10;  // how long it has to last
};

// Seconds from `step` until the means stay within the tolerance of `steady_ms`, which is that of
// the best policy; infinite where they never do.
double adaptation_time_s(std::span<const double> means_ms, std::size_t step, double steady_ms,
                         const AdaptationRule& rule = {});

// The highest p99 of any second from `step` on, over that of the new steady state, which is the
// best policy's. At least one second lies behind `step`.
double overshoot(std::span<const double> p99s_ms, std::size_t step, double steady_p99_ms);

}  // namespace weir
