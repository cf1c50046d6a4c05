#include "runtime/sim/event_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(EventQueue, GivesWhatPassesLinksInOrderOfTime) {
  Random random(1);
  EventQueue queue(1);
  for (int i = 0; i < 1000; ++i) queue.push_link(SimTime(Duration(random.below(500))), 0);
  SimTime last{};
  for (int i = 0; i < 1000; ++i) {
    ASSERT_FALSE(queue.empty());
    const SimTime announced = queue.next_at();
    EXPECT_GE(announced, last);
    last = queue.pop().at;
    EXPECT_EQ(last, announced);
  }
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.next_at(), kEndOfTime);
}

TEST(EventQueue, KeepsTheOrderOfEventsOfOneTime) {
  EventQueue queue(4);
  queue.push_link(SimTime(1s), 0);
  queue.set_wakeup(SimTime(1s), RankId(2));
  queue.push_link(SimTime(1s), 1);
  queue.set_wakeup(SimTime(1s), RankId(1));
  EXPECT_EQ(queue.pop().link, 0u);
  EXPECT_EQ(queue.pop().rank, RankId(2));
  EXPECT_EQ(queue.pop().link, 1u);
  EXPECT_EQ(queue.pop().rank, RankId(1));
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, ForgetsTheWakeupThatAnotherReplaces) {
  EventQueue queue(3);
  queue.set_wakeup(SimTime(1s), RankId(2));
  queue.set_wakeup(SimTime(5s), RankId(2));
  queue.set_wakeup(SimTime(3s), RankId(0));
  EXPECT_EQ(queue.wakeup(RankId(2)), SimTime(5s));
  EXPECT_EQ(queue.pop().rank, RankId(0));
  EXPECT_EQ(queue.wakeup(RankId(0)), kEndOfTime);
  queue.set_wakeup(kEndOfTime, RankId(2));
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, GivesWhatASortedMapGives) {
  for (const int rank_count : {1, 2, 5, 50}) {
    Random random(static_cast<std::uint64_t>(rank_count));
    EventQueue queue(rank_count);
    std::map<std::pair<SimTime, int>, std::pair<int, std::uint32_t>> expected;
    std::map<int, std::pair<SimTime, int>> wakeup_of;
    SimTime now{};
    for (int i = 0; i < 20'000; ++i) {
      const auto rank = static_cast<int>(random.below(static_cast<std::uint64_t>(rank_count)));
      const SimTime at = now + Duration(random.below(20));
      switch (random.below(3)) {
        case 0:
          queue.push_link(at, static_cast<std::uint32_t>(i));
          expected[{at, i}] = {kNoRank.value(), static_cast<std::uint32_t>(i)};
          break;
        case 1:
          queue.set_wakeup(at, RankId(rank));
          if (const auto known = wakeup_of.find(rank); known != wakeup_of.end()) {
            expected.erase(known->second);
          }
          wakeup_of[rank] = {at, i};
          expected[{at, i}] = {rank, kNoLink};
          break;
        default:
          ASSERT_EQ(queue.empty(), expected.empty());
          if (expected.empty()) break;
          const SimEvent event = queue.pop();
          const auto first = expected.begin();
          ASSERT_EQ(event.at, first->first.first);
          ASSERT_EQ(event.rank, RankId(first->second.first));
          ASSERT_EQ(event.link, first->second.second);
          if (event.link == kNoLink) wakeup_of.erase(first->second.first);
          expected.erase(first);
          now = event.at;
      }
    }
  }
}

}  // namespace
}  // namespace weir
