// The seam to whoever corrects what the capacity planner wants: a trained network, or one of a
// test.

#pragma once

#include <array>
#include <optional>

namespace weir {

// What the planner knows, and what it is about to ask for. Capacity is in workers times speed, and
// so is work per second.
struct CapacityView {
  // For so many seconds ahead there are forecasts.
  static constexpr std::array<int, 5> kAheads{1, 3, 6, 11, 16};

  struct Likely {
    double median = 0;
    double high = 0;  // what is rarely exceeded
  };

  double installed = 0;
  double wanted = 0;       // the rule's, at most what is installed
  double recent_work = 0;  // that arrived, smoothed
  double newest_work = 0;  // in the last second
  double waiting_work = 0;
  double running = 0;  // tasks
  // To the next rise that is announced, of any class; negative while one lasts.
  std::optional<double> event_in_s = {};
  std::array<Likely, kAheads.size()> forecast{};  // what arrived of late, where there is none
};

class CapacityAdviser {
 public:
  virtual ~CapacityAdviser() = default;

  // Once a second: by what the capacity that is wanted should be multiplied. Whoever asks checks
  // that it is sane.
  virtual double factor(const CapacityView& view) = 0;
};

}  // namespace weir
