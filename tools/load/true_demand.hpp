// The perfect forecast of a simulated world: it counts the tasks of the streams beforehand. For
// telling what any forecast could be worth; no rank of a real run has it.

#pragma once

#include <array>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/environment/demand_forecaster.hpp"
#include "runtime/sim/sim_time.hpp"
#include "tools/load/stream_source.hpp"

namespace weir {

class TrueArrivals {
 public:
  // Runs through all of them.
  explicit TrueArrivals(std::vector<NumberedStream> streams);

  // Tasks of a class; evenly spread within each tenth of a second.
  double between(ClassId task_class, SimTime from, SimTime to) const;

 private:
  static constexpr Duration kStep = std::chrono::milliseconds(100);

  double until(const std::vector<double>& sums, SimTime end) const;

  // By class, then by step: those that have come when it begins.
  std::array<std::vector<double>, kMaxClasses> sums_;
};

// Of one coordinator. What comes to its part of the tree is taken to be the part of all tasks of
// the class that it was of late.
class TrueDemand final : public DemandForecaster {
 public:
  // Both outlive it; `now` is the world's time, and goes on.
  TrueDemand(const TrueArrivals& all, const SimTime& now) : all_(all), now_(now) {}

  void on_bin(std::span<const ArrivalBin> by_class) override;
  ArrivalForecast forecast(ClassId task_class, double ahead_s) const override;

 private:
  struct PerClass {
    double here = 0;  // a second, forgotten after some of them
    double in_all = 0;
  };

  const TrueArrivals& all_;
  const SimTime& now_;
  std::array<PerClass, kMaxClasses> classes_{};
  SimTime ended_at_{};  // the last second that was seen
};

}  // namespace weir
