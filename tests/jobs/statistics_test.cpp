#include "jobs/statistics.hpp"

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"
#include "tests/support/streams.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

class ListedStream final : public Stream {
 public:
  explicit ListedStream(std::vector<Duration> times) : times_(std::move(times)) {}
  std::string_view name() const override { return "listed"; }
  std::string_view kernel() const override { return "iot"; }
  bool next(Arrival& arrival) override {
    if (at_ == times_.size()) return false;
    arrival = {times_[at_], at_, at_ % 2, static_cast<std::uint32_t>(at_ % 3 + 1)};
    ++at_;
    return true;
  }
  void append_payload(Bytes&) override {}
  double mean_rate_per_s() const override { return 0; }

 private:
  std::vector<Duration> times_;
  std::size_t at_ = 0;
};

std::vector<Duration> poisson_times(double rate_per_s, double duration_s) {
  Random random(7);
  std::vector<Duration> times;
  for (double at = 0; at < duration_s; at += random.exponential(1 / rate_per_s)) {
    times.push_back(from_seconds(at));
  }
  return times;
}

TEST(Statistics, CountsWindowsFromTheFirstArrival) {
  // Windows of 1 s from 5 s on: 3, 0, 1, then ten of 1; the last arrival opens one that is left
  // out.
  std::vector<Duration> times = {5s, 5s, 5500ms, 7s};
  for (int i = 8; i <= 18; ++i) times.push_back(std::chrono::seconds(i));
  ListedStream stream(times);
  const std::vector<Duration> windows = {1s};
  const StreamStatistics statistics = measure(stream, windows);

  EXPECT_EQ(statistics.arrivals, times.size());
  EXPECT_DOUBLE_EQ(statistics.span_s, 13);
  ASSERT_EQ(statistics.windows.size(), 1u);
  EXPECT_EQ(statistics.windows[0].windows, 13u);
  const double mean = 14.0 / 13;
  EXPECT_NEAR(statistics.windows[0].index_of_dispersion, (20.0 / 13 - mean * mean) / mean, 1e-12);
  EXPECT_NEAR(statistics.windows[0].peak_to_mean, 3 / mean, 1e-12);
  EXPECT_DOUBLE_EQ(statistics.same_instant_share, 1.0 / 14);
  EXPECT_EQ(statistics.keys, 2u);
  EXPECT_EQ(statistics.max_work_units, 3u);
}

TEST(Statistics, FindsAPoissonProcessNeitherBurstyNorRegular) {
  ListedStream stream(poisson_times(1000, 200));
  const StreamStatistics statistics = measure(stream);
  EXPECT_NEAR(statistics.rate_per_s, 1000, 10);
  EXPECT_NEAR(statistics.gap_variation, 1, 0.02);
  for (const WindowStatistics& window : statistics.windows) {
    if (window.windows < 1000) continue;
    EXPECT_NEAR(window.index_of_dispersion, 1, 0.1) << window.window.count() << " ns";
  }
}

TEST(Statistics, FindsAClockRegular) {
  std::vector<Duration> times;
  for (int i = 0; i < 1000; ++i) times.push_back(10ms * i);
  ListedStream stream(times);
  const StreamStatistics statistics = measure(stream);
  EXPECT_NEAR(statistics.gap_variation, 0, 1e-9);
  EXPECT_NEAR(statistics.windows.back().index_of_dispersion, 0, 1e-9);
}

TEST(Statistics, OfAnEmptyStreamAreZero) {
  ListedStream stream({});
  const StreamStatistics statistics = measure(stream);
  EXPECT_EQ(statistics.arrivals, 0u);
  EXPECT_EQ(statistics.rate_per_s, 0);
  EXPECT_TRUE(statistics.windows.empty());
}

}  // namespace
}  // namespace weir
