#include "runtime/sim/rank_clock.hpp"

#include <gtest/gtest.h>

#include <array>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(RankClock, ShowsItsSkewAndGainsItsDrift) {
  const RankClock clock(3s, 1e-3);
  EXPECT_EQ(clock.local(SimTime{}), Instant(3s));
  EXPECT_EQ(clock.local(SimTime(10s)), Instant(13s + 10ms));
}

TEST(RankClock, FindsTheFirstTimeAtWhichItShowsAnInstant) {
  for (const double drift : std::array{0.0, 2e-5, -2e-5, 0.3, -0.3}) {
    const RankClock clock(1s, drift);
    Random random(7);
    for (int i = 0; i < 1000; ++i) {
      const Instant wanted(
          1s + Duration(static_cast<std::int64_t>(1 + random.below(1'000'000'000'000'000))));
      const SimTime found = clock.global(wanted);
      EXPECT_GE(clock.local(found), wanted);
      EXPECT_LT(clock.local(found - Duration(1)), wanted);
    }
  }
}

TEST(RankClock, ShowsWhatIsPastAtOnceAndNeverNever) {
  const RankClock clock(5s, 1e-5);
  EXPECT_EQ(clock.global(Instant(2s)), SimTime{});
  EXPECT_EQ(clock.global(kNever), kEndOfTime);
}

}  // namespace
}  // namespace weir
