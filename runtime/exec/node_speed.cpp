#include "runtime/exec/node_speed.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir {
namespace {

constexpr std::uint64_t kDriftPart = 0x64726966;  // of what one seed governs

}  // namespace

NodeSpeed::NodeSpeed(const EmulationSpec& spec, int node, std::uint64_t seed)
    : nominal_(spec.types[spec.type_of(node)].speed),
      drift_(spec.drift),
      random_(mix_bits(seed) ^ kDriftPart, static_cast<std::uint64_t>(node)) {
  for (const SpeedStep& step : spec.speed_steps) {
    if (step.type == spec.type_of(node)) steps_.push_back(step);
  }
  if (drift_.speed >= 1) {
    state_ends_s_ = std::numeric_limits<double>::infinity();
    return;
  }
  // In equilibrium; what remains of an exponential sojourn is as long as a whole one.
  slow_ = random_.uniform() < drift_.mean_slow_s / (drift_.mean_good_s + drift_.mean_slow_s);
  draw_sojourn();
}

void NodeSpeed::draw_sojourn() {
  state_ends_s_ += random_.exponential(slow_ ? drift_.mean_slow_s : drift_.mean_good_s);
}

bool NodeSpeed::is_slow(Instant now) {
  while (state_ends_s_ <= seconds_since_start(now)) {
    slow_ = !slow_;
    draw_sojourn();
  }
  return slow_;
}

double NodeSpeed::at(Instant now) {
  const double now_s = seconds_since_start(now);
  while (next_step_ < steps_.size() && steps_[next_step_].at_s <= now_s) {
    step_factor_ = steps_[next_step_++].factor;
  }
  return nominal_ * (is_slow(now) ? drift_.speed : 1) * step_factor_;
}

Instant NodeSpeed::next_change() const {
  double at_s = state_ends_s_;
  if (next_step_ < steps_.size()) at_s = std::min(at_s, steps_[next_step_].at_s);
  if (at_s >= seconds_since_start(kNever)) return kNever;
  // The first instant that is not before it, for at() to see the change.
  Instant change(Duration(static_cast<Duration::rep>(at_s * 1e9)));
  while (seconds_since_start(change) < at_s) change += Duration(1);
  return change;
}

}  // namespace weir
