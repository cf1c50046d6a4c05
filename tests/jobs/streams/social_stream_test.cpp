#include "jobs/streams/social_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "jobs/statistics.hpp"
#include "runtime/base/error.hpp"
#include "tests/support/streams.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

SocialOptions calm() {
  SocialOptions shape;
  shape.burst_factor = 1;
  shape.crowd_factor = 1;
  return shape;
}

std::vector<Arrival> run_shape(const SocialOptions& shape, double rate_per_s, double duration_s) {
  StreamOptions options = at_rate(rate_per_s, duration_s);
  options.social = shape;
  return drain(*make_stream("social", options));
}

// Arrivals per second, in order.
std::vector<double> per_second(const std::vector<Arrival>& arrivals, std::size_t seconds) {
  std::vector<double> counts(seconds);
  for (const Arrival& arrival : arrivals) counts[static_cast<std::size_t>(arrival.at / 1s)] += 1;
  return counts;
}

TEST(SocialStream, KeepsItsRateOverDays) {
  const auto stream = make_stream("social", at_rate(500, 6000));
  EXPECT_EQ(stream->mean_rate_per_s(), 500);
  EXPECT_NEAR(static_cast<double>(drain(*stream).size()) / 6000, 500, 15);
}

TEST(SocialStream, FollowsTheDay) {
  const auto counts = per_second(run_shape(calm(), 1000, 600), 600);
  double in_phase = 0;
  for (std::size_t i = 0; i < 600; ++i) {
    in_phase += counts[i] * std::sin(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / 600);
  }
  EXPECT_NEAR(2 * in_phase / 600, 400, 15);
}

TEST(SocialStream, IsPoissonWithoutDayBurstsAndCrowds) {
  SocialOptions shape = calm();
  shape.day_amplitude = 0;
  StreamOptions options = at_rate(1000, 300);
  options.social = shape;
  const StreamStatistics statistics = measure(*make_stream("social", options));
  EXPECT_NEAR(statistics.gap_variation, 1, 0.02);
  for (const WindowStatistics& window : statistics.windows) {
    if (window.windows < 1000) continue;
    EXPECT_NEAR(window.index_of_dispersion, 1, 0.15);
  }
}

TEST(SocialStream, HasBurstsOfTheirLengthAndHeight) {
  SocialOptions shape = calm();
  shape.day_amplitude = 0;
  shape.burst_factor = 3;
  shape.burst_length_s = 5;
  shape.burst_pause_min_s = shape.burst_pause_max_s = 20;
  const auto counts = per_second(run_shape(shape, 1400, 1000), 1000);
  const auto busy = std::ranges::count_if(counts, [](double count) { return count > 2000; });
  EXPECT_NEAR(static_cast<double>(busy), 200, 40);
  EXPECT_NEAR(*std::ranges::max_element(counts), 3000, 250);
}

TEST(SocialStream, HasFlashCrowdsThatRiseWithinTenToTwentySeconds) {
  SocialOptions shape = calm();
  shape.day_amplitude = 0;
  shape.crowd_factor = 4;
  shape.crowd_interval_s = 1000;
  const auto counts = per_second(run_shape(shape, 1000, 8000), 8000);
  const auto peak = std::ranges::max_element(counts) - counts.begin();
  ASSERT_GT(counts[static_cast<std::size_t>(peak)], 3000);
  // Back from the peak to where the rise began: the count is near the base again.
  auto start = peak;
  while (start > 0 && counts[static_cast<std::size_t>(start)] > 1200) --start;
  EXPECT_GE(peak - start, 7);
  EXPECT_LE(peak - start, 24);
}

std::vector<AnnouncedEvent> announced_until(Stream& stream, Duration now) {
  std::vector<AnnouncedEvent> events;
  while (const auto event = stream.next_announced(now)) events.push_back(*event);
  return events;
}

StreamOptions crowds_of(SocialOptions shape, double duration_s) {
  shape.crowd_interval_s = 100;
  StreamOptions options = at_rate(100, duration_s);
  options.social = shape;
  return options;
}

TEST(SocialStream, AnnouncesHalfOfItsCrowdsAheadOfTheirRise) {
  const double duration_s = 100'000;
  const auto events =
      announced_until(*make_stream("social", crowds_of({}, duration_s)), from_seconds(duration_s));
  EXPECT_NEAR(static_cast<double>(events.size()), 500, 4 * std::sqrt(500));
  for (const AnnouncedEvent& event : events) {
    EXPECT_EQ(event.known, std::max(Duration::zero(), event.begin - 30s));
    EXPECT_GE(event.rise, 10s);
    EXPECT_LE(event.rise, 20s);
  }
  EXPECT_TRUE(std::ranges::is_sorted(events, {}, &AnnouncedEvent::begin));
}

TEST(SocialStream, AnnouncesNothingBeforeItsTimeWhateverIsAskedWhen) {
  const auto all = announced_until(*make_stream("social", crowds_of({}, 5000)), 5000s);
  ASSERT_GT(all.size(), 10u);
  const auto stream = make_stream("social", crowds_of({}, 5000));
  std::size_t count = 0;
  for (Duration now{0}; now <= 5000s; now += 700ms) {
    Arrival arrival{};
    stream->next(arrival);
    for (const AnnouncedEvent& event : announced_until(*stream, now)) {
      EXPECT_LE(event.known, now);
      EXPECT_GT(event.known, now - 700ms);
      ASSERT_LT(count, all.size());
      EXPECT_EQ(event.begin, all[count++].begin);
    }
  }
  EXPECT_GE(count + 1, all.size());
}

TEST(SocialStream, HasTheRiseThatItAnnounced) {
  SocialOptions shape = calm();
  shape.day_amplitude = 0;
  shape.crowd_factor = 5;
  shape.announced_share = 1;
  StreamOptions options = crowds_of(shape, 3000);
  options.rate_per_s = 1000;
  const auto events = announced_until(*make_stream("social", options), 3000s);
  const auto counts = per_second(drain(*make_stream("social", options)), 3000);
  ASSERT_GT(events.size(), 20u);
  for (const AnnouncedEvent& event : events) {
    if (event.begin < 5s || event.begin > 2970s) continue;
    const auto second = [&](Duration at) { return counts[static_cast<std::size_t>(at / 1s)]; };
    EXPECT_GT(second(event.begin + event.rise), second(event.begin - 1s) + 300);
  }
}

TEST(SocialStream, AnnouncesNothingWhereNoCrowdIs) {
  SocialOptions shape;
  shape.announced_share = 0;
  EXPECT_TRUE(announced_until(*make_stream("social", crowds_of(shape, 5000)), 5000s).empty());
  EXPECT_TRUE(announced_until(*make_stream("social:poisson", at_rate(100, 5000)), 5000s).empty());
  EXPECT_TRUE(announced_until(*make_stream("finance", at_rate(100, 5000)), 5000s).empty());
}

TEST(SocialStream, HasUsersUnderZipfsLaw) {
  std::map<std::uint64_t, double> counts;
  const auto arrivals = run_shape(calm(), 2000, 100);
  for (const Arrival& arrival : arrivals) counts[arrival.key] += 1;
  EXPECT_NEAR(counts[0] / counts[1], 2, 0.2);
  EXPECT_NEAR(counts[0] / counts[9], 10, 1.5);
}

// Relative variance of the counts, (index - 1) / mean, which does not depend on the rate. That of
// twitter_stream_persec_days0-4 in windows of 300, 900 and 3600 s, which are 144 times shorter
// here.
TEST(SocialStream, VariesAsTheTraceItIsFittedTo) {
  const std::vector<Duration> windows = {2083ms, 6250ms, 25s};
  const std::vector<double> traced = {0.3127, 0.2555, 0.0866};
  const StreamStatistics found = measure(*make_stream("social", at_rate(200, 12'000)), windows);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const double mean = found.rate_per_s * to_seconds(windows[i]);
    const double relative = (found.windows.at(i).index_of_dispersion - 1) / mean;
    EXPECT_GT(relative, traced[i] / 1.4) << i;
    EXPECT_LT(relative, traced[i] * 1.4) << i;
  }
}

TEST(SocialStream, RefusesAShapeOutOfRange) {
  SocialOptions shape;
  shape.day_amplitude = 1.5;
  EXPECT_THROW(run_shape(shape, 10, 1), Error);
  shape = {};
  shape.burst_pause_max_s = 1;
  EXPECT_THROW(run_shape(shape, 10, 1), Error);
  shape = {};
  shape.users = 0;
  EXPECT_THROW(run_shape(shape, 10, 1), Error);
  shape = {};
  shape.announced_share = 1.5;
  EXPECT_THROW(run_shape(shape, 10, 1), Error);
}

}  // namespace
}  // namespace weir
