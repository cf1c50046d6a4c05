#include "tools/load/timed_source.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace weir {
namespace {

// The least of a few: longer ones were disturbed.
double cost_of_reading(const TimedSource::CpuClock& clock) {
  constexpr int kTries = 16;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kTries; ++i) {
    const double before = clock();
    least = std::min(least, clock() - before);
  }
  return least;
}

}  // namespace

TimedSource::TimedSource(TaskSource& source, CpuClock clock)
    : source_(source), clock_(std::move(clock)), reading_s_(cost_of_reading(clock_)) {}

Task TimedSource::take() {
  ++taken_;
  const bool is_first = taken_ <= kMeasuredFirst;
  if (!is_first && taken_ % kOneIn != 0) return source_.take();
  const double before = clock_();
  Task task = source_.take();
  Sample& sample = is_first ? first_ : later_;
  sample.sum_s += std::max(0.0, clock_() - before - reading_s_);
  ++sample.count;
  return task;
}

double TimedSource::making_s() const {
  if (taken_ == first_.count) return first_.sum_s;
  const Sample& like = later_.count > 0 ? later_ : first_;
  const auto others = static_cast<double>(taken_ - first_.count);
  return first_.sum_s + others * like.sum_s / static_cast<double>(like.count);
}

}  // namespace weir
