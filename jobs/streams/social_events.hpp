// The bursts and flash crowds of a social stream: the same ones at every rate.

#pragma once

#include <cstdint>
#include <vector>

#include "jobs/stream.hpp"
#include "runtime/base/random.hpp"

namespace weir {

struct FlashCrowd {
  double start_s = 0;  // of its rise
  double rise_s = 0;
};

// Goes through time in steps; equal shapes and seeds give equal events.
class SocialEvents {
 public:
  static constexpr double kStepSeconds = 0.05;

  SocialEvents(const SocialOptions& shape, std::uint64_t seed);

  // The next step, from 0 on.
  void enter_step();
  double step_end_s() const { return step_end_s_; }
  double step_middle_s() const { return step_middle_s_; }
  // Whether the middle of the step lies in a burst.
  bool is_burst() const { return step_middle_s_ >= burst_start_s_; }
  // Those that begin to rise in the step.
  const std::vector<FlashCrowd>& new_crowds() const { return new_crowds_; }

 private:
  double between(double low, double high) { return low + (high - low) * random_.uniform(); }

  SocialOptions shape_;
  Random random_;
  double step_end_s_ = 0;
  double step_middle_s_ = 0;
  double burst_start_s_;
  double next_crowd_s_;
  std::vector<FlashCrowd> new_crowds_;
};

}  // namespace weir
