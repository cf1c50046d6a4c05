#include "runtime/control/foretold_arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

}  // namespace

ForetoldPlans& ForetoldPlans::operator+=(const ForetoldPlans& other) {
  plans += other.plans;
  foretold += other.foretold;
  return *this;
}

ForetoldArrivals::ForetoldArrivals(std::unique_ptr<DemandForecaster> forecaster)
    : forecaster_(std::move(forecaster)) {}

void ForetoldArrivals::foretell(std::span<const double> arrived, Instant now,
                                std::span<double> rates_per_s) {
  fill_bins(arrived, now);
  ++counts_.plans;
  if (seconds_ < kSecondsToForecast) return;
  // A second from now, as the forecaster counts: from the end of the last second that it has seen.
  const double ahead_s = to_seconds(now - second_began_ + kSecond);
  bool is_foretold = false;
  for (std::size_t i = 0; i < rates_per_s.size(); ++i) {
    const ClassId task_class(static_cast<std::uint8_t>(i));
    const double median = forecaster_->forecast(task_class, ahead_s).median;
    if (!std::isfinite(median)) continue;
    rates_per_s[i] = std::clamp(median, kMostFall * rates_per_s[i], kMostRise * rates_per_s[i]);
    is_foretold = true;
  }
  counts_.foretold += is_foretold ? 1 : 0;
}

void ForetoldArrivals::fill_bins(std::span<const double> arrived, Instant now) {
  if (counted_until_ == kNever) {
    std::ranges::copy(arrived, counted_.begin());
    counted_until_ = second_began_ = now;
    return;
  }
  while (now - second_began_ >= kSecond) {
    second_began_ += kSecond;
    add_until(second_began_, arrived, now);
    forecaster_->on_bin(bins_);
    bins_ = {};
    ++seconds_;
  }
  add_until(now, arrived, now);
}

// The part of what has come since the last count that belongs to the time until `end`.
void ForetoldArrivals::add_until(Instant end, std::span<const double> arrived, Instant now) {
  const double rest_s = to_seconds(now - counted_until_);
  const double part = end < now ? to_seconds(end - counted_until_) / rest_s : 1;
  for (std::size_t i = 0; i < arrived.size(); ++i) {
    const double came = part * std::max(0.0, arrived[i] - counted_[i]);
    bins_[i].count += came;
    counted_[i] += came;
  }
  counted_until_ = end;
}

}  // namespace weir
