#include "ml/inference/stream_bins.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

double fano_of(std::span<const std::uint32_t> parts) {
  const auto part_count = static_cast<double>(parts.size());
  const double mean = std::accumulate(parts.begin(), parts.end(), 0.0) / part_count;
  if (mean == 0) return 1;
  double squares = 0;
  for (const double part : parts) squares += (part - mean) * (part - mean);
  return squares / (part_count - 1) / mean;
}

}  // namespace

void BinCounter::add(Duration at, std::uint32_t work_units) {
  WEIR_CHECK(at < end_ && at >= end_ - kForecastBin, "an arrival of another bin");
  const Duration since = at - (end_ - kForecastBin);
  ++parts_[static_cast<std::size_t>(since * kParts / kForecastBin)];
  work_.push_back(work_units);
}

StreamBin BinCounter::finish() {
  StreamBin bin;
  bin.count = static_cast<double>(work_.size());
  bin.fano = fano_of(parts_);
  if (!work_.empty()) {
    bin.mean_work = std::accumulate(work_.begin(), work_.end(), 0.0) / bin.count;
    const auto p95 = work_.begin() + static_cast<std::ptrdiff_t>((work_.size() - 1) * 95 / 100);
    std::ranges::nth_element(work_, p95);
    bin.p95_work = *p95;
  }
  std::erase_if(events_,
                [this](const AnnouncedEvent& event) { return event.begin + event.rise <= end_; });
  if (!events_.empty()) {
    const auto next = std::ranges::min_element(events_, {}, &AnnouncedEvent::begin);
    bin.event_in_s = to_seconds(next->begin - end_);
  }
  parts_ = {};
  work_.clear();
  end_ += kForecastBin;
  return bin;
}

std::vector<StreamBin> bins_of(Stream& stream, std::size_t most) {
  std::vector<StreamBin> bins;
  BinCounter counter;
  const auto finish_bin = [&] {
    while (const auto event = stream.next_announced(counter.end())) counter.announce(*event);
    bins.push_back(counter.finish());
  };
  for (Arrival arrival{}; bins.size() < most && stream.next(arrival);) {
    while (arrival.at >= counter.end() && bins.size() < most) finish_bin();
    if (bins.size() < most) counter.add(arrival.at, arrival.work_units);
  }
  return bins;
}

std::vector<double> counts_of(const std::vector<StreamBin>& bins) {
  std::vector<double> counts;
  counts.reserve(bins.size());
  for (const StreamBin& bin : bins) counts.push_back(bin.count);
  return counts;
}

}  // namespace weir
