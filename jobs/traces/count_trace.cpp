#include "jobs/traces/count_trace.hpp"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

// Counts say nothing of who: keys are drawn as the social generator draws its users.
constexpr std::uint32_t kKeys = 10'000;
constexpr double kLeastUnits = 20;
constexpr double kMeanExtraUnits = 30;
constexpr double kMostExtraUnits = 180;
constexpr std::uint32_t kSensorSamples = 256;

}  // namespace

CountTrace::CountTrace(std::string name, std::string_view kernel, std::vector<std::uint32_t> counts,
                       Duration bin, const TraceOptions& options)
    : name_(std::move(name)),
      kernel_(kernel),
      counts_(std::move(counts)),
      bin_s_(to_seconds(bin)),
      options_(options),
      random_(options.seed, 0xc0),
      keys_(kKeys, 1.0) {
  // The stream begins with its first event, so empty bins before it are left out.
  while (bin_ + 1 < counts_.size() && counts_[bin_] == 0) ++bin_;
  std::size_t end = counts_.size();
  if (options_.duration) {
    const double bins = to_seconds(*options_.duration) * options_.time_scale / bin_s_;
    const auto wanted = static_cast<double>(end - bin_);
    end = bin_ + static_cast<std::size_t>(std::ceil(std::clamp(bins, 1.0, wanted)));
  }
  double total = 0;
  for (std::size_t i = bin_; i < end; ++i) total += counts_[i];
  mean_rate_per_s_ = total * options_.time_scale / (static_cast<double>(end - bin_) * bin_s_);
}

// In trace time; negative at the end. The smallest of m uniform numbers in [a, 1] is
// a + (1 - a) (1 - u^(1/m)): so the times of a bin come in order, one by one.
double CountTrace::next_time_s() {
  while (bin_ < counts_.size() && done_in_bin_ == counts_[bin_]) {
    ++bin_;
    done_in_bin_ = 0;
    place_in_bin_ = 0;
  }
  if (bin_ == counts_.size()) return -1;
  const double left = counts_[bin_] - done_in_bin_;
  const double u = 1 - random_.uniform();
  place_in_bin_ += (1 - place_in_bin_) * (1 - std::pow(u, 1 / left));
  ++done_in_bin_;
  return (static_cast<double>(bin_) + place_in_bin_) * bin_s_;
}

bool CountTrace::next(Arrival& arrival) {
  const double at_s = next_time_s();
  if (at_s < 0) return false;
  if (index_ == 0) first_s_ = at_s;
  // A very slow replay ends in 285 years.
  const Duration at = from_seconds(std::min((at_s - first_s_) / options_.time_scale, 9e9));
  if (options_.duration && at >= *options_.duration) return false;

  last_.at = at;
  last_.index = index_++;
  last_.key = keys_.draw(random_);
  const double extra = std::min(random_.exponential(kMeanExtraUnits), kMostExtraUnits);
  last_.work_units = scaled_work(kLeastUnits + extra, options_.work_scale);
  arrival = last_;
  return true;
}

void CountTrace::append_payload(Bytes& out) {
  Random random = payload_random(options_.seed, last_.index);
  const std::uint32_t work = last_.work_units;
  if (kernel_ == "iot") {
    encode(make_sensor_window(random, last_.key, kSensorSamples, work), out);
  } else {
    encode(texts_.make_window(random, last_.key, words_for_work(work), work), out);
  }
}

}  // namespace weir
