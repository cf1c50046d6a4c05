#include "jobs/streams/social_stream.hpp"

#include <cmath>
#include <numbers>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr double kStepSeconds = 0.05;
// A batch of posts takes 0.2 ms to 2 ms, 0.5 ms on average.
constexpr double kLeastUnits = 20;
constexpr double kMeanExtraUnits = 30;
constexpr double kMostExtraUnits = 180;

void check(const SocialOptions& shape) {
  const bool sound =
      shape.day_s > 0 && shape.day_amplitude >= 0 && shape.day_amplitude <= 1 &&
      shape.burst_factor >= 1 && shape.burst_length_s >= 0 && shape.burst_pause_min_s > 0 &&
      shape.burst_pause_max_s >= shape.burst_pause_min_s && shape.crowd_factor >= 1 &&
      shape.crowd_interval_s > 0 && shape.crowd_rise_min_s > 0 &&
      shape.crowd_rise_max_s >= shape.crowd_rise_min_s && shape.crowd_decay_s > 0 &&
      shape.users > 0;
  if (sound) return;
  throw Error("the social stream cannot have this shape", "a parameter out of range",
              "day amplitude 0 to 1, factors of at least 1, positive times, min <= max, users",
              "the defaults of SocialOptions");
}

double between(Random& random, double low, double high) {
  return low + (high - low) * random.uniform();
}

// The long-run mean of day * burst + crowds.
double mean_level(const SocialOptions& shape) {
  const double pause_s = (shape.burst_pause_min_s + shape.burst_pause_max_s) / 2;
  const double burst_share = shape.burst_length_s / (shape.burst_length_s + pause_s);
  const double rise_s = (shape.crowd_rise_min_s + shape.crowd_rise_max_s) / 2;
  const double crowd_area_s = (shape.crowd_factor - 1) * (rise_s / 2 + shape.crowd_decay_s);
  return 1 + (shape.burst_factor - 1) * burst_share + crowd_area_s / shape.crowd_interval_s;
}

}  // namespace

SocialStream::SocialStream(std::string name, const SocialOptions& shape,
                           const StreamOptions& options)
    : name_(std::move(name)),
      shape_((check(shape), shape)),
      rate_per_s_(options.rate_per_s),
      duration_s_(to_seconds(options.duration)),
      seed_(options.seed),
      work_scale_(options.work_scale),
      random_(options.seed, 0x50),
      events_(options.seed, 0x51),
      users_(shape.users, shape.zipf_exponent),
      base_rate_per_s_(options.rate_per_s / mean_level(shape)) {
  burst_start_s_ = events_.uniform() * shape_.burst_pause_max_s;
  next_crowd_s_ = events_.exponential(shape_.crowd_interval_s);
  enter_step(0);
}

void SocialStream::start_crowds(double until_s) {
  while (next_crowd_s_ < until_s) {
    const double rise_s = between(events_, shape_.crowd_rise_min_s, shape_.crowd_rise_max_s);
    crowds_[next_crowd_place_] = {next_crowd_s_, rise_s};
    next_crowd_place_ = (next_crowd_place_ + 1) % crowds_.size();
    next_crowd_s_ += events_.exponential(shape_.crowd_interval_s);
  }
}

double SocialStream::crowd_level(double at_s) const {
  double level = 0;
  for (const Crowd& crowd : crowds_) {
    if (crowd.rise_s == 0 || at_s < crowd.start_s) continue;
    const double age_s = at_s - crowd.start_s;
    const double height = age_s < crowd.rise_s
                              ? age_s / crowd.rise_s
                              : std::exp(-(age_s - crowd.rise_s) / shape_.crowd_decay_s);
    level += (shape_.crowd_factor - 1) * height;
  }
  return level;
}

void SocialStream::enter_step(double start_s) {
  step_end_s_ = start_s + kStepSeconds;
  const double middle_s = start_s + kStepSeconds / 2;
  if (middle_s >= burst_start_s_ + shape_.burst_length_s) {
    burst_start_s_ += shape_.burst_length_s +
                      between(events_, shape_.burst_pause_min_s, shape_.burst_pause_max_s);
  }
  start_crowds(step_end_s_);
  const double burst = middle_s >= burst_start_s_ ? shape_.burst_factor : 1;
  const double day =
      1 + shape_.day_amplitude * std::sin(2 * std::numbers::pi * middle_s / shape_.day_s);
  step_rate_per_s_ = base_rate_per_s_ * (day * burst + crowd_level(middle_s));
}

bool SocialStream::next(Arrival& arrival) {
  // In units of 1 / rate the waits are standard exponentials; what is left of one when a step ends
  // is spent at the rate of the next step.
  double wait = random_.exponential(1);
  while (at_s_ + wait / step_rate_per_s_ > step_end_s_) {
    wait -= (step_end_s_ - at_s_) * step_rate_per_s_;
    at_s_ = step_end_s_;
    if (at_s_ >= duration_s_) return false;
    enter_step(step_end_s_);
  }
  at_s_ += wait / step_rate_per_s_;
  if (at_s_ >= duration_s_) return false;

  last_.at = from_seconds(at_s_);
  last_.index = index_++;
  last_.key = users_.draw(random_);
  const double extra = std::min(random_.exponential(kMeanExtraUnits), kMostExtraUnits);
  last_.work_units = scaled_work(kLeastUnits + extra, work_scale_);
  arrival = last_;
  return true;
}

void SocialStream::append_payload(Bytes& out) {
  Random random = payload_random(seed_, last_.index);
  const std::uint32_t words = words_for_work(last_.work_units);
  encode(texts_.make_window(random, last_.key, words, last_.work_units), out);
}

}  // namespace weir
