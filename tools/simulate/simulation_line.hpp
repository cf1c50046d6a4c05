// Says how far a world is, and how long it will take.

#pragma once

#include <optional>
#include <string>

#include "runtime/base/time.hpp"
#include "tools/command/work_line.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {

struct SimulationProgress {
  Duration simulated{0};
  std::optional<Duration> duration;  // of arrivals; unset: nobody knows
  long completed = 0;                // tasks, those of the warm-up included
  double elapsed_s = 0;              // by the clock on the wall
};

std::string text_of(const SimulationProgress& progress);

class SimulationLine final : public SimulationWatch {
 public:
  // Tasks arrive for `duration`, if it is known. `line` outlives this.
  SimulationLine(std::optional<Duration> duration, WorkLine& line);

  void on_completed(const CompletedTask& task, Duration now) override;
  bool on_interval(Simulation& world, Duration now) override;

 private:
  std::optional<Duration> duration_;
  WorkLine& line_;
  WorkLine::Clock::time_point began_;
  std::optional<WorkLine::Clock::time_point> said_;  // the last time
  long completed_ = 0;
};

}  // namespace weir
