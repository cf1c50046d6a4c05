#include "tools/simulate/simulation_line.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "tools/command/time_text.hpp"

namespace weir {

SimulationLine::SimulationLine(std::optional<Duration> duration, WorkLine& line)
    : duration_(duration), line_(line), began_(WorkLine::Clock::now()) {}

void SimulationLine::on_completed(const CompletedTask& /*task*/, Duration /*now*/) { ++completed_; }

bool SimulationLine::on_interval(Simulation& /*world*/, Duration now) {
  const auto wall_clock = WorkLine::Clock::now();
  line_.show([&] { return text(now, wall_clock); }, wall_clock);
  return true;
}

// Of one that is past its last arrival nobody knows how long its queues are.
std::string SimulationLine::text(Duration simulated, WorkLine::Clock::time_point now) const {
  std::array<char, 120> head{};
  std::snprintf(head.data(), head.size(), "%.1f s simulated, %ld tasks done", to_seconds(simulated),
                completed_);
  if (!duration_ || simulated <= Duration::zero()) return head.data();
  if (simulated >= *duration_) return std::string(head.data()) + ", the last ones end";
  const double elapsed_s = std::chrono::duration<double>(now - began_).count();
  const double left_s = elapsed_s * (to_seconds(*duration_) / to_seconds(simulated) - 1);
  return std::string(head.data()) + ", about " + time_text(std::ceil(left_s)) + " left";
}

}  // namespace weir
