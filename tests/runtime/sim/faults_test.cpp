#include "runtime/sim/faults.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(MessageFaults, DoNothingUnlessAskedTo) {
  MessageFaults faults({}, 1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(faults.draw_delay(), 0s);
    EXPECT_EQ(faults.draw_copies(true), 1);
  }
}

TEST(MessageFaults, HappenAsOftenAsTheySay) {
  constexpr int kCount = 100'000;
  MessageFaults faults({.delayed_share = 0.2,
                        .mean_delay = 10ms,
                        .lost_report_share = 0.1,
                        .duplicated_report_share = 0.3},
                       7);
  int delayed = 0;
  Duration delay{0};
  int copies[3] = {0, 0, 0};
  for (int i = 0; i < kCount; ++i) {
    const Duration drawn = faults.draw_delay();
    delayed += drawn > 0s ? 1 : 0;
    delay += drawn;
    ++copies[faults.draw_copies(true)];
  }
  EXPECT_NEAR(delayed, 0.2 * kCount, 4 * 126);
  EXPECT_NEAR(to_seconds(delay / delayed), 0.01, 4 * 0.01 / 141);
  EXPECT_NEAR(copies[0], 0.1 * kCount, 4 * 95);
  EXPECT_NEAR(copies[2], 0.9 * 0.3 * kCount, 4 * 140);
}

TEST(MessageFaults, NeverTouchWhatIsNoReport) {
  MessageFaults faults({.lost_report_share = 1, .duplicated_report_share = 1}, 7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(faults.draw_copies(false), 1);
  EXPECT_EQ(faults.draw_copies(true), 0);
}

TEST(MessageFaults, DoNotChangeEachOther) {
  MessageFaults alone({.delayed_share = 0.5}, 3);
  MessageFaults both({.delayed_share = 0.5, .lost_report_share = 0.5}, 3);
  for (int i = 0; i < 1000; ++i) {
    both.draw_copies(true);
    ASSERT_EQ(alone.draw_delay(), both.draw_delay());
  }
}

}  // namespace
}  // namespace weir
