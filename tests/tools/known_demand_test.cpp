#include "tools/known_demand.hpp"

#include <gtest/gtest.h>

#include "tests/support/streams.hpp"

namespace weir {
namespace {

constexpr int kSeconds = 5;

std::vector<NumberedStream> two_streams() {
  std::vector<NumberedStream> streams;
  streams.push_back(
      {make_stream("social", at_rate(200, kSeconds)), StreamId(0), ClassId(0), KindId(0)});
  streams.push_back(
      {make_stream("iot", at_rate(200, kSeconds)), StreamId(1), ClassId(2), KindId(2)});
  return streams;
}

// Tasks of a class in a second, counted one by one.
double counted(std::size_t stream, int second) {
  const std::vector<NumberedStream> streams = two_streams();
  double count = 0;
  for (Arrival arrival; streams[stream].stream->next(arrival);) {
    count += std::chrono::floor<std::chrono::seconds>(arrival.at).count() == second ? 1 : 0;
  }
  return count;
}

TEST(KnownDemand, TellsWhatWillArriveOfEachClass) {
  KnownDemand demand(two_streams());
  for (int ended = 1; ended < kSeconds; ++ended) {
    demand.on_bin({});
    for (int second = ended; second < kSeconds; ++second) {
      const double ahead_s = second - ended + 1;
      const ArrivalForecast social = demand.forecast(ClassId(0), ahead_s);
      EXPECT_GT(social.median, 0);
      EXPECT_EQ(social.median, counted(0, second));
      EXPECT_EQ(social.high, social.median);
      EXPECT_EQ(demand.forecast(ClassId(2), ahead_s).median, counted(1, second));
      EXPECT_EQ(demand.forecast(ClassId(1), ahead_s).median, 0);
    }
  }
}

TEST(KnownDemand, TellsOfNothingAfterTheEnd) {
  KnownDemand demand(two_streams());
  demand.on_bin({});
  EXPECT_EQ(demand.forecast(ClassId(0), kSeconds).median, 0);
  EXPECT_EQ(demand.forecast(ClassId(0), 1e6).median, 0);
}

}  // namespace
}  // namespace weir
