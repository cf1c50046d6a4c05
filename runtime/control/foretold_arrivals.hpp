// The arrivals that a coordinator plans for, as a forecaster expects them.
//
// What the nodes below report is counted in seconds, of each class; a count that comes late is
// spread evenly over the time since the one before. The forecaster hears of every second that has
// ended, and at each plan its median for the second that begins takes the place of the measured
// rate. It is believed within bounds around that rate; where it is no number, and in the first half
// a minute, what was measured counts.

#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "runtime/base/ids.hpp"
#include "runtime/environment/demand_forecaster.hpp"
#include "runtime/policy/arrival_outlook.hpp"

namespace weir {

struct ForetoldPlans {
  std::uint64_t plans = 0;
  std::uint64_t foretold = 0;  // of them, those for which a forecast of some class counted

  ForetoldPlans& operator+=(const ForetoldPlans& other);
};

class ForetoldArrivals final : public ArrivalOutlook {
 public:
  // A forecast counts when so many seconds have been seen.
  static constexpr int kSecondsToForecast = 30;
  // It is believed up to so many times what is measured, and down to a part of it.
  static constexpr double kMostRise = 3;
  static constexpr double kMostFall = 0.5;

  explicit ForetoldArrivals(std::unique_ptr<DemandForecaster> forecaster);

  void foretell(std::span<const double> arrived, Instant now,
                std::span<double> rates_per_s) override;

  const ForetoldPlans& counts() const { return counts_; }

 private:
  void fill_bins(std::span<const double> arrived, Instant now);
  void add_until(Instant end, std::span<const double> arrived, Instant now);

  std::unique_ptr<DemandForecaster> forecaster_;
  std::array<ArrivalBin, kMaxClasses> bins_{};  // of the second that runs
  std::array<double, kMaxClasses> counted_{};   // in this bin and all before
  Instant counted_until_ = kNever;
  Instant second_began_{};
  int seconds_ = 0;
  ForetoldPlans counts_;
};

}  // namespace weir
