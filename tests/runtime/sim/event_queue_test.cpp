#include "runtime/sim/event_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(EventQueue, GivesEventsInOrderOfTime) {
  Random random(1);
  EventQueue queue;
  for (int i = 0; i < 1000; ++i) queue.push_wakeup(SimTime(Duration(random.below(500))), RankId(0));
  SimTime last{};
  for (int i = 0; i < 1000; ++i) {
    ASSERT_FALSE(queue.empty());
    EXPECT_EQ(queue.next().at, std::max(queue.next().at, last));
    last = queue.pop().at;
  }
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, KeepsTheOrderOfEventsOfOneTime) {
  EventQueue queue;
  for (std::uint32_t i = 0; i < 100; ++i) queue.push_link(SimTime(1s), i);
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(queue.pop().link, i);
}

}  // namespace
}  // namespace weir
