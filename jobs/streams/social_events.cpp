#include "jobs/streams/social_events.hpp"

namespace weir {

SocialEvents::SocialEvents(const SocialOptions& shape, std::uint64_t seed)
    : shape_(shape),
      random_(seed, 0x51),
      burst_start_s_(random_.uniform() * shape.burst_pause_max_s),
      next_crowd_s_(random_.exponential(shape.crowd_interval_s)) {}

void SocialEvents::enter_step() {
  step_middle_s_ = step_end_s_ + kStepSeconds / 2;
  step_end_s_ += kStepSeconds;
  if (step_middle_s_ >= burst_start_s_ + shape_.burst_length_s) {
    burst_start_s_ +=
        shape_.burst_length_s + between(shape_.burst_pause_min_s, shape_.burst_pause_max_s);
  }
  new_crowds_.clear();
  while (next_crowd_s_ < step_end_s_) {
    const double rise_s = between(shape_.crowd_rise_min_s, shape_.crowd_rise_max_s);
    new_crowds_.push_back({next_crowd_s_, rise_s});
    next_crowd_s_ += random_.exponential(shape_.crowd_interval_s);
  }
}

}  // namespace weir
