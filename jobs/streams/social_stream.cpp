#include "jobs/streams/social_stream.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "runtime/base/error.hpp"

namespace weir {
namespace {

// A batch of posts takes 0.2 ms to 2 ms, 0.5 ms on average.
constexpr double kLeastMessageUnits = 20;
constexpr double kMeanExtraMessageUnits = 30;
constexpr double kMostExtraMessageUnits = 180;

void check(const SocialOptions& shape) {
  const bool sound =
      shape.day_s > 0 && shape.day_amplitude >= 0 && shape.day_amplitude <= 1 &&
      shape.burst_factor >= 1 && shape.burst_length_s >= 0 && shape.burst_pause_min_s > 0 &&
      shape.burst_pause_max_s >= shape.burst_pause_min_s && shape.crowd_factor >= 1 &&
      shape.crowd_interval_s > 0 && shape.crowd_rise_min_s > 0 &&
      shape.crowd_rise_max_s >= shape.crowd_rise_min_s && shape.crowd_decay_s > 0 &&
      shape.announced_share >= 0 && shape.announced_share <= 1 && shape.announced_lead_s >= 0 &&
      shape.users > 0;
  if (sound) return;
  throw Error(
      "the social stream cannot have this shape", "a parameter out of range",
      "day amplitude and announced share 0 to 1, factors of at least 1, positive times, min "
      "<= max, users",
      "the defaults of SocialOptions");
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
      events_(shape, options.seed),
      users_(shape.users, shape.zipf_exponent),
      base_rate_per_s_(options.rate_per_s / mean_level(shape)),
      ahead_(events_),
      announced_random_(options.seed, 0x52) {
  enter_step();
}

double SocialStream::crowd_level(double at_s) const {
  double level = 0;
  for (const FlashCrowd& crowd : crowds_) {
    if (crowd.rise_s == 0 || at_s < crowd.start_s) continue;
    const double age_s = at_s - crowd.start_s;
    const double height = age_s < crowd.rise_s
                              ? age_s / crowd.rise_s
                              : std::exp(-(age_s - crowd.rise_s) / shape_.crowd_decay_s);
    level += (shape_.crowd_factor - 1) * height;
  }
  return level;
}

void SocialStream::enter_step() {
  events_.enter_step();
  for (const FlashCrowd& crowd : events_.new_crowds()) {
    crowds_[next_crowd_place_] = crowd;
    next_crowd_place_ = (next_crowd_place_ + 1) % crowds_.size();
  }
  const double middle_s = events_.step_middle_s();
  const double burst = events_.is_burst() ? shape_.burst_factor : 1;
  const double day =
      1 + shape_.day_amplitude * std::sin(2 * std::numbers::pi * middle_s / shape_.day_s);
  step_rate_per_s_ = base_rate_per_s_ * (day * burst + crowd_level(middle_s));
}

bool SocialStream::next(Arrival& arrival) {
  // In units of 1 / rate the waits are standard exponentials; what is left of one when a step ends
  // is spent at the rate of the next step.
  double wait = random_.exponential(1);
  while (at_s_ + wait / step_rate_per_s_ > events_.step_end_s()) {
    wait -= (events_.step_end_s() - at_s_) * step_rate_per_s_;
    at_s_ = events_.step_end_s();
    if (at_s_ >= duration_s_) return false;
    enter_step();
  }
  at_s_ += wait / step_rate_per_s_;
  if (at_s_ >= duration_s_) return false;

  last_.at = from_seconds(at_s_);
  last_.index = index_++;
  last_.key = users_.draw(random_);
  const double extra =
      std::min(random_.exponential(kMeanExtraMessageUnits), kMostExtraMessageUnits);
  last_.work_units = scaled_work(kLeastMessageUnits + extra, work_scale_);
  arrival = last_;
  return true;
}

// What is announced is drawn apart from the events, so that it changes none of them.
std::optional<AnnouncedEvent> SocialStream::next_announced(Duration now) {
  const double known_s = std::min(to_seconds(now) + shape_.announced_lead_s, duration_s_);
  while (ahead_.step_end_s() < known_s) {
    ahead_.enter_step();
    for (const FlashCrowd& crowd : ahead_.new_crowds()) {
      if (announced_random_.uniform() >= shape_.announced_share) continue;
      announced_.push_back(
          {.known = from_seconds(std::max(0.0, crowd.start_s - shape_.announced_lead_s)),
           .begin = from_seconds(crowd.start_s),
           .rise = from_seconds(crowd.rise_s)});
    }
  }
  if (announced_.empty() || announced_.front().known > now) return std::nullopt;
  const AnnouncedEvent event = announced_.front();
  announced_.pop_front();
  return event;
}

void SocialStream::append_payload(Bytes& out) {
  Random random = payload_random(seed_, last_.index);
  const std::uint32_t words = words_for_work(last_.work_units);
  encode(texts_.make_window(random, last_.key, words, last_.work_units), out);
}

}  // namespace weir
