#include "jobs/streams/finance_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "jobs/kernels/windows.hpp"
#include "jobs/statistics.hpp"
#include "runtime/base/error.hpp"
#include "tests/support/streams.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

double mean_dispersion(std::string_view name, double rate_per_s, double duration_s,
                       Duration window) {
  double sum = 0;
  const std::vector<Duration> windows = {window};
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const auto stream = make_stream(name, at_rate(rate_per_s, duration_s, seed));
    sum += measure(*stream, windows).windows.at(0).index_of_dispersion / 4;
  }
  return sum;
}

// 1 / (1 - n)^2 is the index of dispersion of a Hawkes process in long windows. In a window of w it
// is 1 + (1 / (1 - n)^2 - 1) (1 - (1 - exp(-c w)) / (c w)) with c = beta (1 - n).
TEST(FinanceStream, HasTheDispersionOfAHawkesProcessInItsHawkesPreset) {
  EXPECT_NEAR(mean_dispersion("finance:hawkes", 1000, 600, 100ms), 1 + 24 * 0.01974, 0.05);
  EXPECT_NEAR(mean_dispersion("finance:hawkes", 1000, 600, 1s), 1 + 24 * 0.17580, 0.4);
  EXPECT_NEAR(mean_dispersion("finance:hawkes", 1000, 1500, 10s), 1 + 24 * 0.75458, 2.5);
}

// Index of dispersion of binance_usdm_btcusdt_20240808 at its own rate.
TEST(FinanceStream, IsAsBurstyAsTheTraceItIsFittedTo) {
  const auto expect_like = [](Duration window, double traced) {
    const double found = mean_dispersion("finance", 272.5, 345, window);
    EXPECT_GT(found, traced / 1.5) << window.count() << " ns";
    EXPECT_LT(found, traced * 1.5) << window.count() << " ns";
  };
  expect_like(1ms, 11.6);
  expect_like(10ms, 38.72);
  expect_like(100ms, 101);
  expect_like(1s, 252);
  expect_like(10s, 425.6);
}

TEST(FinanceStream, KeepsItsRate) {
  for (const char* name : {"finance", "finance:hawkes"}) {
    for (const double rate_per_s : {100.0, 20'000.0}) {
      const double duration_s = 2e6 / rate_per_s;
      const auto stream = make_stream(name, at_rate(rate_per_s, duration_s));
      EXPECT_EQ(stream->mean_rate_per_s(), rate_per_s);
      const auto found = static_cast<double>(drain(*stream).size());
      EXPECT_NEAR(found / duration_s / rate_per_s, 1, 0.15) << name << " at " << rate_per_s;
    }
  }
}

TEST(FinanceStream, OpensWithABurstWhenAskedTo) {
  const auto arrivals = drain(*make_stream("finance:opening", at_rate(2000, 120)));
  const auto between = [&](Duration from, Duration to) {
    return std::ranges::count_if(
        arrivals, [&](const Arrival& arrival) { return arrival.at >= from && arrival.at < to; });
  };
  EXPECT_GT(between(0s, 10s), 2 * between(100s, 110s));
}

TEST(FinanceStream, HasHeavyTailedSizesThatShowInPayloadAndWork) {
  const auto stream = make_stream("finance", at_rate(1000, 20));
  std::uint32_t most_work = 0;
  std::size_t largest = 0;
  std::size_t smallest = SIZE_MAX;
  for (Arrival arrival; stream->next(arrival);) {
    Bytes payload;
    stream->append_payload(payload);
    const FinanceWindow window = decode_finance_window(payload);
    EXPECT_EQ(window.work_units, arrival.work_units);
    most_work = std::max(most_work, arrival.work_units);
    largest = std::max(largest, window.updates.size());
    smallest = std::min(smallest, window.updates.size());
  }
  EXPECT_GE(most_work, 100u);
  EXPECT_EQ(smallest, 16u);
  EXPECT_GE(largest, 300u);
}

TEST(FinanceStream, RefusesAShapeThatExplodes) {
  StreamOptions options = at_rate(100, 1);
  options.finance = FinanceOptions{};
  options.finance->excitation = {{0.7, 1}, {0.3, 10}};
  EXPECT_THROW(make_stream("finance", options), Error);
  options.finance->excitation = {{0.5, -1}};
  EXPECT_THROW(make_stream("finance", options), Error);
  options.finance->excitation.assign(FinanceStream::kMaxTerms + 1, {0.1, 1});
  EXPECT_THROW(make_stream("finance", options), Error);
}

}  // namespace
}  // namespace weir
