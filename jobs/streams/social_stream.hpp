// Posts: a Poisson process whose rate is
//   base * (day(t) * burst(t) + crowds(t)),
// a sine of one day, short bursts at random times, and flash crowds that rise within seconds and
// die away. The rate is held constant over steps of 50 ms. A part of the crowds is announced: a
// match or a sale has a date, a piece of news has none.

#pragma once

#include <array>
#include <deque>
#include <string>

#include "jobs/stream.hpp"
#include "jobs/streams/social_events.hpp"
#include "jobs/streams/synthetic_windows.hpp"
#include "jobs/streams/zipf.hpp"
#include "runtime/base/random.hpp"

namespace weir {

class SocialStream final : public Stream {
 public:
  // Throws Error for options out of range.
  SocialStream(std::string name, const SocialOptions& shape, const StreamOptions& options);

  std::string_view name() const override { return name_; }
  std::string_view kernel() const override { return "social"; }
  bool next(Arrival& arrival) override;
  void append_payload(Bytes& out) override;
  std::optional<AnnouncedEvent> next_announced(Duration now) override;
  double mean_rate_per_s() const override { return rate_per_s_; }

 private:
  void enter_step();
  double crowd_level(double at_s) const;

  std::string name_;
  SocialOptions shape_;
  double rate_per_s_;
  double duration_s_;
  std::uint64_t seed_;
  double work_scale_;
  Random random_;
  SocialEvents events_;
  Zipf users_;
  TextSource texts_;
  double base_rate_per_s_;

  double step_rate_per_s_ = 0;
  std::array<FlashCrowd, 8> crowds_{};  // The oldest gives way to a ninth; no rise: none there.
  std::size_t next_crowd_place_ = 0;

  double at_s_ = 0;
  std::uint64_t index_ = 0;
  Arrival last_{};

  SocialEvents ahead_;  // the same events, as far ahead as they are announced
  Random announced_random_;
  std::deque<AnnouncedEvent> announced_;
};

}  // namespace weir
