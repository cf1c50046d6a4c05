#include "tools/run/progress_line.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "tools/command/terminal.hpp"

namespace weir {
namespace {

constexpr std::array<const char*, 9> kBars{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

const char* bar(double share) {
  const auto level = static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * 8));
  return kBars[level];
}

struct Totals {
  double completed = 0;
  double in_system = 0;
};

Totals totals_of(const NodeAgent& agent) {
  Totals totals;
  for (int i = 0; i < agent.cluster().node_count(); ++i) {
    for (const ClassLoad& load : agent.cluster().report(RankId(i)).classes) {
      totals.completed += static_cast<double>(load.completed);
      totals.in_system += load.queued + load.running;
    }
  }
  return totals;
}

}  // namespace

ProgressLine::ProgressLine(const ProgressOptions& options, DurationHistogram& response,
                           std::ostream& out)
    : options_(options), response_(response), out_(out) {}

ProgressLine::~ProgressLine() { out_ << "\r\033[K" << std::flush; }

void ProgressLine::observe(const NodeAgent& agent, Instant now) {
  out_ << '\r' << line(agent, now) << "\033[K" << std::flush;
}

std::string ProgressLine::line(const NodeAgent& agent, Instant now) {
  const Totals totals = totals_of(agent);
  const double elapsed_s = to_seconds(now - second_began_);
  if (elapsed_s >= 1) {
    rate_per_s_ = (totals.completed - completed_before_) / elapsed_s;
    completed_before_ = totals.completed;
    second_began_ = now;
    p50_ = response_.quantile(0.5);
    p99_ = response_.quantile(0.99);
    response_ = DurationHistogram();
  }
  std::array<char, 160> text{};
  const int written =
      std::snprintf(text.data(), text.size(),
                    "%6.1f s %9.0f done %8.0f/s %7.0f in flight  p50 %.3g  p99 %.3g ms  ",
                    seconds_since_start(now), totals.completed, rate_per_s_, totals.in_system,
                    to_milliseconds(p50_), to_milliseconds(p99_));
  std::string result = cut_to_line(
      std::string(text.data(), std::min<std::size_t>(written, text.size() - 1)), options_.columns);
  const int room = std::max(0, options_.columns - static_cast<int>(result.size()) - 1);
  for (int i = 0; i < std::min(room, agent.cluster().node_count()); ++i) {
    result += bar(agent.cluster().report(RankId(i)).busy_share);
  }
  return result;
}

}  // namespace weir
