#include "runtime/mpi/steady_clock.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(SteadyClock, StartsAtZeroAndNeverGoesBack) {
  const SteadyClock clock;
  Instant last{};
  for (int i = 0; i < 1000; ++i) {
    const Instant now = clock.now();
    ASSERT_GE(now, last);
    last = now;
  }
  EXPECT_GT(last, Instant{});
}

TEST(SteadyClock, MeasuresFromItsOwnStart) {
  const SteadyClock older;
  while (older.now() < Instant(std::chrono::microseconds(100))) {
  }
  const SteadyClock younger;
  const Instant at_younger = younger.now();
  EXPECT_GE(older.now() - at_younger, std::chrono::microseconds(100));
}

}  // namespace
}  // namespace weir
