// Mean response of every second of a run, and how soon after a step it has settled.

#pragma once

#include <span>
#include <vector>

#include "tools/simulated_run.hpp"

namespace weir {

// By the second in which tasks complete, from the begin of the run, the warm-up included.
class ResponseSeries final : public SimulationWatch {
 public:
  void on_completed(const CompletedTask& task, Duration now) override;
  // A second without completions has the mean of the one before.
  std::vector<double> means_ms() const;

 private:
  struct Second {
    double sum_ms = 0;
    std::uint64_t count = 0;
  };
  std::vector<Second> seconds_;
};

// The mean of the last third of the seconds from `step` on: the new steady state, where there is
// one. At least one second lies behind `step`.
double steady_mean_ms(std::span<const double> means_ms, std::size_t step);

struct AdaptationRule {
  double tolerance = 0.1;   // above the steady state; below it a policy has nothing to adapt to
  std::size_t hold_s = 10;  // how long it has to last
};

// Seconds from `step` until the means stay within the tolerance of `steady_ms`, which is that of
// the best policy; infinite where they never do.
double adaptation_time_s(std::span<const double> means_ms, std::size_t step, double steady_ms,
                         const AdaptationRule& rule = {});

}  // namespace weir
