#include "tools/known_demand.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir {

KnownDemand::KnownDemand(std::vector<NumberedStream> streams)
    : source_(std::move(streams), {.with_payloads = false}, Instant{}) {}

void KnownDemand::on_bin(std::span<const ArrivalBin> /*by_class*/) {
  ++ended_;
  seconds_.resize(ended_ + kSecondsAhead);
  const auto known_until = Instant(std::chrono::seconds(seconds_.size()));
  while (!source_.exhausted() && source_.next_due() < known_until) {
    const TaskHeader task = source_.take().header;
    const auto second = std::chrono::floor<std::chrono::seconds>(task.arrival.time_since_epoch());
    ++seconds_[static_cast<std::size_t>(second.count())][task.task_class.value()];
  }
}

ArrivalForecast KnownDemand::forecast(ClassId task_class, double ahead_s) const {
  const auto ahead = static_cast<std::size_t>(std::clamp(std::lround(ahead_s), 1L, kSecondsAhead));
  const double count = seconds_[ended_ + ahead - 1][task_class.value()];
  return {.median = count, .high = count};
}

}  // namespace weir
