// Ends a world once somebody has asked for it.

#pragma once

#include <functional>
#include <utility>

#include "tools/simulate/simulated_run.hpp"

namespace weir {

class StopWatch final : public SimulationWatch {
 public:
  // `stop` is asked from the thread of the world.
  explicit StopWatch(std::function<bool()> stop) : stop_(std::move(stop)) {}
  bool on_interval(Simulation&, Duration) override { return !stop_(); }

 private:
  std::function<bool()> stop_;
};

}  // namespace weir
