#include "ml/training/forecaster/synthetic_streams.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace weir {
namespace {

SyntheticOptions small(std::uint64_t first_seed = 1) {
  return {.per_kind = 4, .bin_count = 200, .most_rate_per_s = 100, .first_seed = first_seed};
}

TEST(SyntheticStreams, AreOfEveryKindAndOfOneLength) {
  std::array<int, 3> per_kind{};
  for (const BinnedStream& stream : synthetic_streams(small())) {
    ++per_kind[stream.kind];
    EXPECT_EQ(stream.bins.size(), 200u);
  }
  EXPECT_EQ(per_kind, (std::array{4, 4, 4}));
}

TEST(SyntheticStreams, AreTheSameForTheSameSeedAndOthersForAnother) {
  const auto first = synthetic_streams(small());
  const auto again = synthetic_streams(small());
  const auto other = synthetic_streams(small(1000));
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(counts_of(first[i].bins), counts_of(again[i].bins));
    EXPECT_NE(counts_of(first[i].bins), counts_of(other[i].bins));
  }
}

// A stream of a given rate has bursts: over 2,000 s its mean is that rate within a third or so.
TEST(SyntheticStreams, HaveRatesWithinTheirBoundsAndAllDifferent) {
  std::set<double> rates;
  for (const BinnedStream& stream : synthetic_streams(
           {.per_kind = 6, .bin_count = 2000, .least_rate_per_s = 30, .most_rate_per_s = 300})) {
    const std::vector<double> counts = counts_of(stream.bins);
    const double rate = std::accumulate(counts.begin(), counts.end(), 0.0) / 2000;
    EXPECT_GT(rate, 30 / 1.4) << kStreamKinds[stream.kind];
    EXPECT_LT(rate, 300 * 1.4) << kStreamKinds[stream.kind];
    rates.insert(rate);
  }
  ASSERT_EQ(rates.size(), 18u);
  EXPECT_GT(*rates.rbegin(), 3 * *rates.begin()) << "they spread over the bounds";
}

TEST(SyntheticStreams, TellHowFarTheyAre) {
  std::vector<std::pair<int, int>> told;
  synthetic_streams(small(), [&](int done, int all) {
    told.emplace_back(done, all);
    return true;
  });
  EXPECT_EQ(told.size(), 12u);
  EXPECT_EQ(told.back(), std::pair(12, 12));
}

TEST(SyntheticStreams, EndWhenTheyAreAskedTo) {
  EXPECT_EQ(synthetic_streams(small(), [](int done, int) { return done < 5; }).size(), 5u);
}

}  // namespace
}  // namespace weir
