#include "runtime/control/capacity_planner.hpp"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

// What a task of a class costs is seen over half a minute: some thousand tasks of a busy class.
constexpr double kForgotten = 1.0 / 30;
// In which time what waits should be worked off. Shorter, a queue of chance would call nodes back.
constexpr double kDrainSeconds = 5;
// A node that is parked and called back has gained nothing unless it was off for longer than it
// takes to get warm: that much longer than that is looked ahead before one is parked.
constexpr int kWarmUpsAhead = 2;

double since(std::uint64_t count, std::uint64_t before) {
  return count > before ? static_cast<double>(count - before) : 0;
}

}  // namespace

// Counts of a part of the tree that is not heard of for a while come later, all at once.
void CapacityPlanner::note(const CapacityReport& sums) {
  const std::size_t class_count = std::min(sums.classes.size(), classes_.size());
  bins_.resize(std::max(bins_.size(), class_count));
  for (std::size_t i = 0; i < class_count; ++i) {
    PerClass& c = classes_[i];
    const CapacityReport::OfClass& now = sums.classes[i];
    const double arrived = since(now.submitted, c.before.submitted);
    bins_[i] = {arrived, now.event_in_s};
    c.recent += (seconds_ == 0 ? 1 : options_.smoothing) * (arrived - c.recent);
    c.served += since(now.served, c.before.served) - kForgotten * c.served;
    c.work_s += std::max(0.0, now.work_s - c.before.work_s) - kForgotten * c.work_s;
    c.waiting = since(now.in_flight, now.running);
    c.before = now;
  }
}

double CapacityPlanner::recent_work() const {
  double work = 0;
  for (const PerClass& c : classes_) work += c.recent * c.mean_work_s();
  return work;
}

double CapacityPlanner::waiting_work() const {
  double work = 0;
  for (const PerClass& c : classes_) work += c.waiting * c.mean_work_s();
  return work;
}

// Classes do not surprise together: what each may exceed its median by adds up as deviations do.
CapacityView::Likely CapacityPlanner::likely_work(int ahead_s) const {
  double median = 0;
  double variance = 0;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    const double mean_work_s = classes_[i].mean_work_s();
    if (mean_work_s <= 0) continue;
    const auto likely = forecaster_->forecast(ClassId(static_cast<std::uint8_t>(i)), ahead_s);
    const double excess = (likely.high - likely.median) * mean_work_s;
    median += likely.median * mean_work_s;
    variance += excess * excess;
  }
  const double recent = recent_work();
  const double high = median + std::sqrt(variance);
  if (!std::isfinite(high)) return {recent, recent};
  const auto believed = [recent](double work) {
    return std::clamp(work, kMostFall * recent, kMostRise * recent);
  };
  return {believed(median), believed(high)};
}

double CapacityPlanner::forecast_work(int ahead_s) const { return likely_work(ahead_s).high; }

double CapacityPlanner::most_work_within(Duration span) const {
  if (forecaster_ == nullptr || seconds_ <= kSecondsToForecast) return recent_work();
  double most = 0;
  for (int ahead_s = 1; ahead_s <= std::ceil(to_seconds(span)); ++ahead_s) {
    most = std::max(most, forecast_work(ahead_s));
  }
  return most;
}

double CapacityPlanner::plan(const CapacityReport& sums) {
  note(sums);
  if (forecaster_ != nullptr) forecaster_->on_bin(bins_);
  ++seconds_;
  const double backlog = waiting_work() / kDrainSeconds;
  const auto needed = [&](double work) { return (1 + options_.headroom) * work + backlog; };
  // What is asked for now is there for the second after the warm-up.
  const Duration reach = options_.warm_up + std::chrono::seconds(1);
  const double need = needed(most_work_within(reach));
  const double to_keep = needed(most_work_within(reach + kWarmUpsAhead * options_.warm_up));
  needs_.push_back(need);
  while (static_cast<double>(needs_.size()) > 1 + to_seconds(options_.park_after)) {
    needs_.pop_front();
  }
  if (seconds_ <= kSecondsToLearn) {
    wanted_ = sums.installed;
    return wanted_;
  }
  const double floor = *std::ranges::max_element(needs_);
  wanted_ = std::clamp(wanted_, floor, std::max(floor, to_keep));
  wanted_ = std::clamp(wanted_, 0.0, sums.installed);
  return advised(sums);
}

// The rule goes on from what it wants itself, whatever comes of that.
double CapacityPlanner::advised(const CapacityReport& sums) const {
  if (adviser_ == nullptr || seconds_ <= kSecondsToForecast) return wanted_;
  const double factor = adviser_->factor(view_of(sums));
  // What is not a number is within no bounds.
  if (!(factor >= kLeastFactor && factor <= kMostFactor)) return wanted_;
  return std::min(factor * wanted_, sums.installed);
}

CapacityView CapacityPlanner::view_of(const CapacityReport& sums) const {
  CapacityView view{.installed = sums.installed,
                    .wanted = wanted_,
                    .recent_work = recent_work(),
                    .waiting_work = waiting_work()};
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    view.newest_work += bins_[i].count * classes_[i].mean_work_s();
    view.running += static_cast<double>(classes_[i].before.running);
    const std::optional<double>& event_in_s = bins_[i].event_in_s;
    if (event_in_s && (!view.event_in_s || *event_in_s < *view.event_in_s)) {
      view.event_in_s = event_in_s;
    }
  }
  for (std::size_t i = 0; i < view.forecast.size(); ++i) {
    view.forecast[i] = forecaster_ != nullptr
                           ? likely_work(CapacityView::kAheads[i])
                           : CapacityView::Likely{view.recent_work, view.recent_work};
  }
  return view;
}

}  // namespace weir
