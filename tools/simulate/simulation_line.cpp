#include "tools/simulate/simulation_line.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "tools/command/time_text.hpp"

namespace weir {
namespace {

// Worlds go faster than people read.
constexpr WorkLine::Clock::duration kInterval = std::chrono::milliseconds(200);

}  // namespace

std::string text_of(const SimulationProgress& progress) {
  const auto& [simulated, duration, completed, elapsed_s] = progress;
  std::array<char, 120> head{};
  std::snprintf(head.data(), head.size(), "%.1f s simulated, %ld tasks done", to_seconds(simulated),
                completed);
  std::string text = head.data();
  if (!duration || simulated <= Duration::zero()) return text;
  // How long the queues are by then nobody knows.
  if (simulated >= *duration) return text + ", the last ones end";
  const double left_s = elapsed_s * (to_seconds(*duration) / to_seconds(simulated) - 1);
  return text + ", about " + time_text(std::ceil(left_s)) + " left";
}

SimulationLine::SimulationLine(std::optional<Duration> duration, WorkLine& line)
    : duration_(duration), line_(line), began_(WorkLine::Clock::now()) {}

void SimulationLine::on_completed(const CompletedTask& /*task*/, Duration /*now*/) { ++completed_; }

bool SimulationLine::on_interval(Simulation& /*world*/, Duration now) {
  const auto wall_clock = WorkLine::Clock::now();
  if (said_ && wall_clock - *said_ < kInterval) return true;
  said_ = wall_clock;
  const auto text = [&] {
    const std::chrono::duration<double> elapsed = wall_clock - began_;
    return text_of({now, duration_, completed_, elapsed.count()});
  };
  line_.show(text, wall_clock);
  return true;
}

}  // namespace weir
