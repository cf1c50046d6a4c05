#include "tools/experiment/response_series.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "runtime/base/check.hpp"

namespace weir {

void ResponseSeries::on_completed(const CompletedTask& task, Duration now) {
  if (task.status != TaskStatus::kDone) return;
  const auto second = static_cast<std::size_t>(now / std::chrono::seconds(1));
  if (second >= seconds_.size()) seconds_.resize(second + 1);
  seconds_[second].sum_ms += to_milliseconds(task.response);
  ++seconds_[second].count;
}

std::vector<double> ResponseSeries::means_ms() const {
  std::vector<double> means;
  for (const Second& second : seconds_) {
    const double before = means.empty() ? 0 : means.back();
    means.push_back(second.count == 0 ? before : second.sum_ms / static_cast<double>(second.count));
  }
  return means;
}

double steady_mean_ms(std::span<const double> means_ms, std::size_t step) {
  WEIR_CHECK(step < means_ms.size(), "a step behind the end of the run");
  const auto after = means_ms.subspan(step);
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

}  // namespace weir
