#include "tools/load/true_demand.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace weir {
namespace {

// The share of a cluster is planned anew all the time, and moves slowly.
constexpr double kForgotten = 0.2;
constexpr Duration kSecond = std::chrono::seconds(1);

}  // namespace

TrueArrivals::TrueArrivals(std::vector<NumberedStream> streams) {
  for (NumberedStream& numbered : streams) {
    std::vector<double>& counts = sums_[numbered.task_class.value()];
    Arrival arrival{};
    while (numbered.stream->next(arrival)) {
      const auto step = static_cast<std::size_t>(arrival.at / kStep);
      counts.resize(std::max(counts.size(), step + 1));
      ++counts[step];
    }
  }
  for (std::vector<double>& counts : sums_) {
    double sum = 0;
    for (double& count : counts) sum += std::exchange(count, sum);
    counts.push_back(sum);
  }
}

double TrueArrivals::until(const std::vector<double>& sums, SimTime end) const {
  const double steps = std::max(0.0, to_seconds(end.time_since_epoch()) / to_seconds(kStep));
  const auto step = static_cast<std::size_t>(steps);
  if (step + 1 >= sums.size()) return sums.back();
  return sums[step] + (steps - static_cast<double>(step)) * (sums[step + 1] - sums[step]);
}

double TrueArrivals::between(ClassId task_class, SimTime from, SimTime to) const {
  const std::vector<double>& sums = sums_[task_class.value()];
  return until(sums, to) - until(sums, from);
}

void TrueDemand::on_bin(std::span<const ArrivalBin> by_class) {
  ended_at_ = now_;
  for (std::size_t i = 0; i < by_class.size(); ++i) {
    const ClassId task_class(static_cast<std::uint8_t>(i));
    PerClass& of_class = classes_[i];
    of_class.here += by_class[i].count - kForgotten * of_class.here;
    of_class.in_all +=
        all_.between(task_class, now_ - kSecond, now_) - kForgotten * of_class.in_all;
  }
}

ArrivalForecast TrueDemand::forecast(ClassId task_class, double ahead_s) const {
  const PerClass& of_class = classes_[task_class.value()];
  if (of_class.in_all <= 0) {
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    return {unknown, unknown};
  }
  const SimTime end = ended_at_ + from_seconds(ahead_s);
  const double in_all = all_.between(task_class, end - kSecond, end);
  const double here = in_all * of_class.here / of_class.in_all;
  return {here, here};
}

}  // namespace weir
