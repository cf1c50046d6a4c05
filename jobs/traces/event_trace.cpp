#include "jobs/traces/event_trace.hpp"

#include <algorithm>
#include <cmath>

namespace weir {
namespace {

constexpr std::size_t kWindowSamples = 256;
constexpr std::size_t kMinUpdates = 16;
constexpr std::size_t kMaxUpdates = 500;
// As for the finance generator: one more update per price level, of which a unit of work is 0.3.
constexpr double kUpdatesPerUnit = 1 / 0.3;

}  // namespace

EventTrace::EventTrace(std::string name, std::string_view kernel, WindowSource windows,
                       TraceTable table, const TraceOptions& options)
    : name_(std::move(name)),
      kernel_(kernel),
      windows_(windows),
      table_(std::move(table)),
      options_(options) {
  end_row_ = table_.size();
  if (options_.duration) {
    while (end_row_ > 1 && due(end_row_ - 1) >= *options_.duration) --end_row_;
  }
  const double span_s = std::max(1e-9, to_seconds(due(end_row_ - 1)));
  const bool cut = end_row_ < table_.size();
  mean_rate_per_s_ =
      static_cast<double>(end_row_) / (cut ? to_seconds(*options_.duration) : span_s);
}

Duration EventTrace::due(std::size_t row) const {
  const auto at_ns = static_cast<double>(table_.at_ns(row));
  // A very slow replay ends in 285 years.
  return Duration(std::llround(std::min(at_ns / options_.time_scale, 9e18)));
}

bool EventTrace::next(Arrival& arrival) {
  if (next_row_ == end_row_) return false;
  last_.at = due(next_row_);
  last_.index = next_row_;
  last_.key = table_.key(next_row_);
  last_.work_units = scaled_work(table_.work(next_row_), options_.work_scale);
  ++next_row_;
  arrival = last_;
  return true;
}

void EventTrace::append_payload(Bytes& out) {
  Random random = payload_random(options_.seed, last_.index);
  const std::uint32_t work = last_.work_units;
  if (windows_ == WindowSource::kPrices) {
    encode(price_window(random.next()), out);
  } else if (windows_ == WindowSource::kSamples || windows_ == WindowSource::kGaps) {
    encode(sample_window(random.next()), out);
  } else if (kernel_ == "social") {
    encode(texts_.make_window(random, last_.key, words_for_work(work), work), out);
  } else {
    encode(make_book_window(random, last_.key, BookShape{.until = last_.at}, work), out);
  }
}

// The prices of the last rows, in time of the trace; fewer at the start of the file, but two at
// least.
FinanceWindow EventTrace::price_window(std::uint64_t seed) const {
  const std::size_t row = last_.index;
  const double extra = std::max(0.0, table_.work(row) - 20.0) * kUpdatesPerUnit;
  const std::size_t wanted = std::min(kMinUpdates + static_cast<std::size_t>(extra), kMaxUpdates);
  const std::size_t first = row + 1 >= wanted ? row + 1 - wanted : 0;

  FinanceWindow window;
  window.seed = seed;
  window.work_units = last_.work_units;
  for (std::size_t i = first; i <= row; ++i) {
    const auto mid = std::max<std::int64_t>(2, std::llround(table_.value(i)));
    const auto size = static_cast<std::int32_t>(table_.work(i));
    window.updates.push_back({table_.at_ns(i), mid - 1, mid + 1, size, size});
  }
  if (window.updates.size() < 2) window.updates.push_back(window.updates.back());
  return window;
}

// The last samples of the same key; the oldest one stands for those before the file begins.
SensorWindow EventTrace::sample_window(std::uint64_t seed) const {
  SensorWindow window;
  window.seed = seed;
  window.work_units = last_.work_units;
  window.samples.resize(kWindowSamples);
  std::size_t row = last_.index;
  for (std::size_t i = kWindowSamples; i > 0; --i) {
    window.samples[i - 1] = table_.value(row);
    row = table_.previous(row);
  }
  return window;
}

}  // namespace weir
