// How much capacity should be switched on. Asked once a second, with what all nodes and homes have
// counted.
//
// Needed is the work that arrives in a second, some head room, and enough more to work off what
// waits. Reactive: the work that has arrived of late. With a forecast: the most that is likely to
// arrive until a node that is called back now is warm, so that it comes in time; and a node is
// parked only where none will be needed for a while after that, either. The forecast is believed
// within bounds around what has arrived of late, and where it is no number not at all.
//
// Beside that rule there may be an adviser, a network that has learned: it multiplies what the rule
// wants by a factor, within bounds.
//
// What was needed within the last `park_after` stays on: calling back takes time, parking none.

#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/environment/capacity_adviser.hpp"
#include "runtime/environment/demand_forecaster.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct CapacityPlannerOptions {
  // Of capacity over the work that arrives, relative to it; above -1. Below zero it makes sense
  // where a forecast of what is rarely exceeded leaves room enough.
  double headroom = 0.25;
  Duration warm_up = std::chrono::seconds(5);  // from calling a node back until it takes tasks
  Duration park_after = std::chrono::seconds(5);
  double smoothing = 0.3;  // weight of the newest second in what has arrived of late; 1: it alone
};

class CapacityPlanner {
 public:
  // Capacity stays whole for so many seconds at the begin, as little is known.
  static constexpr int kSecondsToLearn = 10;
  // A forecast counts from here on.
  static constexpr int kSecondsToForecast = 30;
  // It is believed up to so many times what has arrived of late, and down to a part of it.
  static constexpr double kMostRise = 3;
  static constexpr double kMostFall = 0.5;

  // An adviser is asked from then on, and believed within these bounds; else its factor is 1.
  static constexpr double kLeastFactor = 0.75;
  static constexpr double kMostFactor = 1.3;

  // `forecaster` may be null, which makes it reactive, and so may `adviser`; they outlive the
  // planner.
  CapacityPlanner(const CapacityPlannerOptions& options, DemandForecaster* forecaster,
                  CapacityAdviser* adviser = nullptr)
      : options_(options), forecaster_(forecaster), adviser_(adviser) {}

  // Once a second: the sums over all nodes and homes. Returns what should be switched on, in the
  // units of `installed` and at most that.
  double plan(const CapacityReport& sums);

 private:
  struct PerClass {
    CapacityReport::OfClass before;  // as of the last call
    double recent = 0;               // tasks per second
    double served = 0;               // forgotten in half a minute or so, as is its work
    double work_s = 0;
    double waiting = 0;  // tasks

    double mean_work_s() const { return served > 0 ? work_s / served : 0; }
  };

  void note(const CapacityReport& sums);
  double recent_work() const;
  double waiting_work() const;
  // Work per second, so long from now; as far as it is to be believed.
  double forecast_work(int ahead_s) const;
  CapacityView::Likely likely_work(int ahead_s) const;
  double most_work_within(Duration span) const;
  CapacityView view_of(const CapacityReport& sums) const;
  double advised(const CapacityReport& sums) const;

  CapacityPlannerOptions options_;
  DemandForecaster* forecaster_;
  CapacityAdviser* adviser_;
  std::array<PerClass, kMaxClasses> classes_{};
  std::vector<ArrivalBin> bins_;
  int seconds_ = 0;
  std::deque<double> needs_;  // of the last seconds, oldest first
  double wanted_ = 0;
};

}  // namespace weir
