#include "ml/training/forecaster/synthetic_streams.hpp"

#include <gtest/gtest.h>

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

TEST(SyntheticStreams, HaveRatesWithinTheirBoundsAndAllDifferent) {
  std::set<double> totals;
  for (const BinnedStream& stream : synthetic_streams(small())) {
    double total = 0;
    for (const double count : counts_of(stream.bins)) total += count;
    totals.insert(total);
  }
  EXPECT_EQ(totals.size(), 12u);
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
