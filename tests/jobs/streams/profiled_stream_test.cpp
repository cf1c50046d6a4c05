#include "jobs/streams/profiled_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/streams.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

ProfiledStream profiled(const char* name, const char* profile, double duration_s) {
  const LoadProfile parsed = LoadProfile::parse(profile);
  return {make_stream(name, at_rate(1000, parsed.nominal_s(duration_s))), parsed,
          from_seconds(duration_s)};
}

double count_between(const std::vector<Arrival>& arrivals, double from_s, double to_s) {
  return static_cast<double>(std::ranges::count_if(arrivals, [&](const Arrival& arrival) {
    return to_seconds(arrival.at) >= from_s && to_seconds(arrival.at) < to_s;
  }));
}

// Within four standard deviations of a Poisson count.
void expect_count(const std::vector<Arrival>& arrivals, double from_s, double to_s, double count) {
  EXPECT_NEAR(count_between(arrivals, from_s, to_s), count, 4 * std::sqrt(count));
}

TEST(ProfiledStream, GivesAPoissonStreamTheRateOfItsProfile) {
  ProfiledStream stream = profiled("finance:poisson", "0s:0.5,20s:2..40s:1", 60);
  EXPECT_EQ(stream.name(), "finance:poisson");
  EXPECT_DOUBLE_EQ(stream.mean_rate_per_s(), 1000);
  const auto arrivals = drain(stream);
  expect_count(arrivals, 0, 20, 10'000);
  expect_count(arrivals, 20, 30, 17'500);
  expect_count(arrivals, 30, 40, 12'500);
  expect_count(arrivals, 40, 60, 20'000);
  // Still a Poisson process: counts vary as much as they are.
  double squares = 0;
  for (int i = 0; i < 200; ++i) {
    const double deviation = count_between(arrivals, 0.1 * i, 0.1 * (i + 1)) - 50;
    squares += deviation * deviation;
  }
  EXPECT_NEAR(squares / 200 / 50, 1, 0.4);
}

TEST(ProfiledStream, MovesTheTimesOfOtherStreamsAndNothingElse) {
  const auto plain = make_stream("iot", at_rate(1000, 15));
  ProfiledStream stream = profiled("iot", "0s:0.5,10s:1", 20);
  const auto before = drain(*plain);
  const auto after = drain(stream);
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    const double at_s = to_seconds(before[i].at);
    EXPECT_NEAR(to_seconds(after[i].at), at_s < 5 ? 2 * at_s : at_s + 5, 1e-6);
    EXPECT_EQ(after[i].index, before[i].index);
    EXPECT_EQ(after[i].key, before[i].key);
    EXPECT_EQ(after[i].work_units, before[i].work_units);
  }
}

TEST(ProfiledStream, EndsWhereTheLoadEndsForEver) {
  ProfiledStream stream(make_stream("social", at_rate(1000, 100)), LoadProfile::parse("0s:1,10s:0"),
                        std::nullopt);
  const auto arrivals = drain(stream);
  ASSERT_GT(arrivals.size(), 5000U);
  EXPECT_LE(to_seconds(arrivals.back().at), 10);
}

TEST(ProfiledStream, MovesTheTimesOfWhatIsAnnounced) {
  const auto events_of = [](Stream& stream, Duration now) {
    std::vector<AnnouncedEvent> events;
    while (const auto event = stream.next_announced(now)) events.push_back(*event);
    return events;
  };
  ProfiledStream fast = profiled("social:crowds", "0s:2", 2000);
  const auto plain = events_of(*make_stream("social:crowds", at_rate(1000, 4000)), 4000s);
  const auto moved = events_of(fast, 2000s);
  ASSERT_GT(plain.size(), 5u);
  ASSERT_EQ(moved.size(), plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_NEAR(to_seconds(moved[i].known), to_seconds(plain[i].known) / 2, 1e-6);
    EXPECT_NEAR(to_seconds(moved[i].begin), to_seconds(plain[i].begin) / 2, 1e-6);
    EXPECT_NEAR(to_seconds(moved[i].rise), to_seconds(plain[i].rise) / 2, 1e-6);
  }
}

}  // namespace
}  // namespace weir
