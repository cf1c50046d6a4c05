#include <gtest/gtest.h>

#include <limits>

#include "jobs/kernels/kernel.hpp"
#include "jobs/stream.hpp"
#include "runtime/base/error.hpp"
#include "tests/support/streams.hpp"

namespace weir {
namespace {

class EveryStream : public testing::TestWithParam<std::string_view> {};

TEST_P(EveryStream, GivesTheSameArrivalsForTheSameSeed) {
  const auto first = drain(*make_stream(GetParam(), at_rate(500, 5)));
  const auto second = drain(*make_stream(GetParam(), at_rate(500, 5)));
  ASSERT_GT(first.size(), 100u);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(equal(first[i], second[i])) << i;
}

TEST_P(EveryStream, GivesOtherArrivalsForAnotherSeed) {
  const auto first = drain(*make_stream(GetParam(), at_rate(500, 5, 1)));
  const auto second = drain(*make_stream(GetParam(), at_rate(500, 5, 2)));
  std::size_t differing = 0;
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) {
    if (!equal(first[i], second[i])) ++differing;
  }
  EXPECT_GT(differing, 100u);
}

TEST_P(EveryStream, NeverGoesBackInTimeAndCountsItsArrivals) {
  Duration last{0};
  std::uint64_t index = 0;
  for (const Arrival& arrival : drain(*make_stream(GetParam(), at_rate(2000, 10)))) {
    EXPECT_GE(arrival.at, last);
    EXPECT_LT(arrival.at, std::chrono::seconds(10));
    EXPECT_EQ(arrival.index, index++);
    EXPECT_GE(arrival.work_units, 1u);
    last = arrival.at;
  }
}

TEST_P(EveryStream, GivesThePayloadOfAnIndexWhoeverAsksForWhich) {
  const auto all =
      payloads_of(*make_stream(GetParam(), at_rate(300, 2)), [](std::uint64_t) { return true; });
  const auto third = payloads_of(*make_stream(GetParam(), at_rate(300, 2)),
                                 [](std::uint64_t index) { return index % 3 == 1; });
  ASSERT_EQ(all.size(), third.size());
  for (std::size_t i = 1; i < all.size(); i += 3) EXPECT_EQ(all[i], third[i]) << i;
}

TEST_P(EveryStream, GivesPayloadsThatItsKernelTakes) {
  const auto stream = make_stream(GetParam(), at_rate(300, 2));
  const KernelFunction kernel = find_kernel(stream->kernel());
  Arrival arrival;
  for (int i = 0; i < 20 && stream->next(arrival); ++i) {
    Bytes payload;
    Bytes result;
    stream->append_payload(payload);
    EXPECT_GE(payload.size(), 200u);
    EXPECT_LE(payload.size(), 20'000u);
    kernel(payload, result);
    EXPECT_GT(result.size(), 0u);
  }
}

TEST_P(EveryStream, ScalesWork) {
  StreamOptions options = at_rate(1000, 5);
  const auto normal = drain(*make_stream(GetParam(), options));
  options.work_scale = 3;
  const auto scaled = drain(*make_stream(GetParam(), options));
  ASSERT_EQ(normal.size(), scaled.size());
  for (std::size_t i = 0; i < normal.size(); ++i) {
    EXPECT_NEAR(scaled[i].work_units, 3.0 * normal[i].work_units, 2.0);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryStream, testing::ValuesIn(stream_names()), [](const auto& test) {
  std::string name(test.param);
  for (char& c : name) c = c == ':' ? '_' : c;
  return name;
});

TEST(MakeStream, NamesTheStreamsItKnowsWhenAskedForAnother) {
  try {
    make_stream("finanse", at_rate(1, 1));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(error.report().find("'finanse'"), std::string::npos);
    for (const std::string_view name : stream_names()) {
      EXPECT_NE(error.report().find(name), std::string::npos) << name;
    }
  }
}

TEST(MakeStream, RefusesOptionsOutOfRange) {
  EXPECT_THROW(make_stream("iot", at_rate(0, 1)), Error);
  EXPECT_THROW(make_stream("iot", at_rate(-5, 1)), Error);
  EXPECT_THROW(make_stream("iot", at_rate(std::numeric_limits<double>::quiet_NaN(), 1)), Error);
  EXPECT_THROW(make_stream("social", at_rate(10, 0)), Error);
  StreamOptions options = at_rate(10, 1);
  options.work_scale = 0;
  EXPECT_THROW(make_stream("finance", options), Error);
}

}  // namespace
}  // namespace weir
