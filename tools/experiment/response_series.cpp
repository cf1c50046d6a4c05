#include "tools/experiment/response_series.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "runtime/base/check.hpp"

namespace weir {

namespace {

template <typename Statistic>
std::vector<double> by_second(std::span<const DurationHistogram> seconds, Statistic statistic) {
  std::vector<double> values;
  for (const DurationHistogram& second : seconds) {
    const double before = values.empty() ? 0 : values.back();
    values.push_back(second.count() == 0 ? before : to_milliseconds(statistic(second)));
  }
  return values;
}

}  // namespace

void ResponseSeries::on_completed(const CompletedTask& task, Duration now) {
  if (task.status != TaskStatus::kDone) return;
  const auto second = static_cast<std::size_t>(now / std::chrono::seconds(1));
  if (second >= seconds_.size()) seconds_.resize(second + 1);
  seconds_[second].add(task.response);
  last_arrival_ = std::max(last_arrival_, now - task.response);
}

std::span<const DurationHistogram> ResponseSeries::with_arrivals() const {
  const auto last = static_cast<std::size_t>(last_arrival_ / std::chrono::seconds(1));
  return std::span(seconds_).first(std::min(seconds_.size(), last + 1));
}

std::vector<double> ResponseSeries::means_ms() const {
  return by_second(with_arrivals(), [](const DurationHistogram& second) { return second.mean(); });
}

std::vector<double> ResponseSeries::p99s_ms() const {
  return by_second(with_arrivals(),
                   [](const DurationHistogram& second) { return second.quantile(0.99); });
}

double steady_mean_ms(std::span<const double> seconds_ms, std::size_t step) {
  WEIR_CHECK(step < seconds_ms.size(), "a step behind the end of the run");
  const auto after = seconds_ms.subspan(step);
  const auto last = after.last(std::max<std::size_t>(1, after.size() / 3));
  return std::accumulate(last.begin(), last.end(), 0.0) / static_cast<double>(last.size());
}

double adaptation_time_s(std::span<const double> means_ms, std::size_t step, double steady_ms,
                         const AdaptationRule& rule) {
  std::size_t held = 0;
  for (std::size_t second = step; second < means_ms.size(); ++second) {
    held = means_ms[second] <= (1 + rule.tolerance) * steady_ms ? held + 1 : 0;
    if (held == rule.hold_s) return static_cast<double>(second + 1 - rule.hold_s - step);
  }
  return std::numeric_limits<double>::infinity();
}

double overshoot(std::span<const double> p99s_ms, std::size_t step, double steady_p99_ms) {
  WEIR_CHECK(step < p99s_ms.size(), "a step behind the end of the run");
  return std::ranges::max(p99s_ms.subspan(step)) / steady_p99_ms;
}

}  // namespace weir
