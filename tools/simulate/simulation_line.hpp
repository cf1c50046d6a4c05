// Says how far a world is, and how long it will take.

#pragma once

#include <optional>

#include "tools/command/work_line.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {

class SimulationLine final : public SimulationWatch {
 public:
  // Tasks arrive for `duration`; unset: nobody knows how long. `line` outlives this.
  SimulationLine(std::optional<Duration> duration, WorkLine& line);

  void on_completed(const CompletedTask& task, Duration now) override;
  bool on_interval(Simulation& world, Duration now) override;

 private:
  std::string text(Duration simulated, WorkLine::Clock::time_point now) const;

  std::optional<Duration> duration_;
  WorkLine& line_;
  WorkLine::Clock::time_point began_;
  long completed_ = 0;
};

}  // namespace weir
