#include "ml/inference/stream_bins.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(BinCounter, SummarizesTheTasksOfABin) {
  BinCounter counter;
  for (std::uint32_t i = 1; i <= 20; ++i) counter.add(i * 10ms, 10 * i);
  const StreamBin bin = counter.finish();
  EXPECT_EQ(bin.count, 20);
  EXPECT_EQ(bin.mean_work, 105);
  EXPECT_EQ(bin.p95_work, 190);
}

// Ten tenths with 4 and nine with none: mean 0.4, variance 1.6.
TEST(BinCounter, TellsBurstsFromRegularArrivalsByTheFanoFactor) {
  BinCounter counter;
  for (int i = 0; i < 4; ++i) counter.add(510ms, 1);
  EXPECT_NEAR(counter.finish().fano, 4, 1e-12);
  for (int i = 0; i < 10; ++i) counter.add(1s + i * 100ms, 1);
  EXPECT_EQ(counter.finish().fano, 0);
  EXPECT_EQ(counter.finish().fano, 1) << "an empty bin";
}

TEST(BinCounter, TellsWhenTheNextAnnouncedEventBeginsUntilItIsOver) {
  BinCounter counter;
  EXPECT_FALSE(counter.finish().event_in_s);
  counter.announce({.known = 1s, .begin = 4s, .rise = 2s});
  counter.announce({.known = 1s, .begin = 3500ms, .rise = 500ms});
  EXPECT_EQ(counter.finish().event_in_s, 1.5);
  EXPECT_EQ(counter.finish().event_in_s, 0.5);
  EXPECT_EQ(counter.finish().event_in_s, 0) << "the first one is over";
  EXPECT_EQ(counter.finish().event_in_s, -1);
  EXPECT_FALSE(counter.finish().event_in_s);
}

TEST(BinCounterDeathTest, RefusesAnArrivalOfAnotherBin) {
  BinCounter counter;
  EXPECT_DEATH(counter.add(1s, 1), "an arrival of another bin");
}

TEST(BinsOf, HoldEveryTaskOfTheWholeBins) {
  StreamOptions options{.rate_per_s = 50, .duration = 100s};
  const auto stream = make_stream("finance:hawkes", options);
  const auto bins = bins_of(*stream);
  std::uint64_t in_whole_bins = 0;
  const auto again = make_stream("finance:hawkes", options);
  for (Arrival arrival{}; again->next(arrival);) {
    in_whole_bins += arrival.at < static_cast<Duration::rep>(bins.size()) * 1s ? 1 : 0;
  }
  double counted = 0;
  for (const double count : counts_of(bins)) counted += count;
  EXPECT_EQ(counted, static_cast<double>(in_whole_bins));
  EXPECT_NEAR(static_cast<double>(bins.size()), 99, 1);
}

TEST(BinsOf, EndAtTheMostThatAreWanted) {
  const auto stream = make_stream("iot", {.rate_per_s = 20, .duration = 60s});
  EXPECT_EQ(bins_of(*stream, 10).size(), 10u);
}

TEST(BinsOf, KnowOfCrowdsBeforeTheyBegin) {
  const auto stream = make_stream("social:crowds", {.rate_per_s = 20, .duration = 1h});
  int announced = 0;
  for (const StreamBin& bin : bins_of(*stream)) {
    announced += bin.event_in_s && *bin.event_in_s > 0 ? 1 : 0;
  }
  EXPECT_GT(announced, 200) << "half of some forty crowds, 30 s each";
}

}  // namespace
}  // namespace weir
