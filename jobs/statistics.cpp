#include "jobs/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <unordered_map>

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::array<Duration, 10> kDefaultWindows = {1ms, 10ms, 100ms, 1s,   2s,
                                                      10s, 60s,  300s,  900s, 3600s};
constexpr std::uint64_t kFewestWindows = 10;
constexpr std::size_t kMostKeys = 1'000'000;

// Counts one length of window. Empty windows are not visited: they only raise the number of
// windows.
class WindowCounter {
 public:
  explicit WindowCounter(Duration window) : window_(window), end_(window) {}

  void add(Duration since_first) {
    if (since_first >= end_) {
      close();
      end_ = window_ * (since_first / window_ + 1);
    }
    ++count_;
  }

  WindowStatistics finish(Duration last) {
    WindowStatistics result{window_};
    result.windows = static_cast<std::uint64_t>(last / window_);
    if (result.windows == 0) return result;
    // The window that the stream ends in was never closed.
    const auto n = static_cast<double>(result.windows);
    const double mean = sum_ / n;
    if (mean > 0) {
      result.index_of_dispersion = (squares_ / n - mean * mean) / mean;
      result.peak_to_mean = peak_ / mean;
    }
    return result;
  }

 private:
  void close() {
    const auto count = static_cast<double>(count_);
    sum_ += count;
    squares_ += count * count;
    peak_ = std::max(peak_, count);
    count_ = 0;
  }

  Duration window_;
  Duration end_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  double squares_ = 0;
  double peak_ = 0;
};

// Mean and variance in one pass (Welford).
struct Moments {
  double n = 0;
  double mean = 0;
  double squares = 0;

  void add(double value) {
    n += 1;
    const double off = value - mean;
    mean += off / n;
    squares += off * (value - mean);
  }
  double variation() const { return n > 0 && mean > 0 ? std::sqrt(squares / n) / mean : 0; }
};

double top_percent_share(const std::unordered_map<std::uint64_t, std::uint64_t>& counts) {
  std::vector<std::uint64_t> sorted;
  double total = 0;
  for (const auto& [key, count] : counts) {
    sorted.push_back(count);
    total += static_cast<double>(count);
  }
  std::ranges::sort(sorted, std::greater<>());
  const std::size_t top = (sorted.size() + 99) / 100;
  double share = 0;
  for (std::size_t i = 0; i < top; ++i) share += static_cast<double>(sorted[i]);
  return total > 0 ? share / total : 0;
}

}  // namespace

std::span<const Duration> default_windows() { return kDefaultWindows; }

StreamStatistics measure(Stream& stream, std::span<const Duration> windows) {
  StreamStatistics result;
  result.name = stream.name();
  std::vector<WindowCounter> counters(windows.begin(), windows.end());
  std::unordered_map<std::uint64_t, std::uint64_t> keys;
  Moments gaps;
  Moments work;
  std::uint64_t same_instant = 0;
  Duration first{0};
  Duration last{0};
  Arrival arrival;
  while (stream.next(arrival)) {
    if (result.arrivals++ == 0) {
      first = arrival.at;
    } else {
      gaps.add(to_seconds(arrival.at - last));
      if (arrival.at == last) ++same_instant;
    }
    last = arrival.at;
    for (WindowCounter& counter : counters) counter.add(arrival.at - first);
    work.add(arrival.work_units);
    result.max_work_units = std::max(result.max_work_units, arrival.work_units);
    if (keys.size() < kMostKeys || keys.contains(arrival.key)) ++keys[arrival.key];
  }

  while (const auto event = stream.next_announced(last)) result.announced.push_back(*event);
  result.span_s = to_seconds(last - first);
  if (result.span_s > 0) result.rate_per_s = static_cast<double>(result.arrivals) / result.span_s;
  result.gap_variation = gaps.variation();
  result.same_instant_share = gaps.n > 0 ? static_cast<double>(same_instant) / gaps.n : 0;
  result.mean_work_units = work.mean;
  result.work_variation = work.variation();
  result.keys = keys.size();
  result.top_key_share = top_percent_share(keys);
  for (WindowCounter& counter : counters) {
    const WindowStatistics window = counter.finish(last - first);
    if (window.windows >= kFewestWindows) result.windows.push_back(window);
  }
  return result;
}

}  // namespace weir
