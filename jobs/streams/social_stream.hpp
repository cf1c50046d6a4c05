// Posts: a Poisson process whose rate is
//   base * (day(t) * burst(t) + crowds(t)),
// a sine of one day, short bursts at random times, and flash crowds that rise within seconds and
// die away. The rate is held constant over steps of 50 ms.

#pragma once

#include <array>
#include <string>

#include "jobs/stream.hpp"
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
  double mean_rate_per_s() const override { return rate_per_s_; }

 private:
  struct Crowd {
    double start_s = 0;
    double rise_s = 0;  // 0: no crowd in this place.
  };

  void enter_step(double start_s);
  double crowd_level(double at_s) const;
  void start_crowds(double until_s);

  std::string name_;
  SocialOptions shape_;
  double rate_per_s_;
  double duration_s_;
  std::uint64_t seed_;
  double work_scale_;
  Random random_;
  Random events_;  // Bursts and crowds: the same ones at every rate.
  Zipf users_;
  TextSource texts_;
  double base_rate_per_s_;

  double step_end_s_ = 0;
  double step_rate_per_s_ = 0;
  double burst_start_s_ = 0;
  double next_crowd_s_ = 0;
  std::array<Crowd, 8> crowds_{};  // The oldest gives way to a ninth.
  std::size_t next_crowd_place_ = 0;

  double at_s_ = 0;
  std::uint64_t index_ = 0;
  Arrival last_{};
};

}  // namespace weir
