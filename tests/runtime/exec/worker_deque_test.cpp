#include "runtime/exec/worker_deque.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

class WorkerDequeTest : public testing::TestWithParam<bool> {
 protected:
  bool push(std::size_t number) { return deque_.push(frames_[number], GetParam()); }
  int number(const SpawnFrame* frame) const {
    return frame == nullptr ? -1 : static_cast<int>(frame - frames_.data());
  }

  WorkerDeque deque_;
  std::vector<SpawnFrame> frames_ = std::vector<SpawnFrame>(WorkerDeque::kMostTasks + 1);
};

INSTANTIATE_TEST_SUITE_P(Fences, WorkerDequeTest, testing::Bool(), [](const auto& in_order) {
  return in_order.param ? "InOrder" : "OfTheParkingWorker";
});

TEST_P(WorkerDequeTest, GivesItsOwnerTheNewestAndThievesTheOldest) {
  for (std::size_t i = 0; i < 4; ++i) ASSERT_TRUE(push(i));
  EXPECT_EQ(number(deque_.pop_newest()), 3);
  EXPECT_EQ(number(deque_.pop_oldest()), 0);
  EXPECT_EQ(number(deque_.pop_newest()), 2);
  EXPECT_FALSE(deque_.looks_empty());
  EXPECT_EQ(number(deque_.pop_oldest()), 1);
  EXPECT_TRUE(deque_.looks_empty());
  EXPECT_EQ(deque_.pop_newest(), nullptr);
  EXPECT_EQ(deque_.pop_oldest(), nullptr);
}

TEST_P(WorkerDequeTest, RefusesMoreThanItsLimitUntilThereIsRoom) {
  for (std::size_t i = 0; i < WorkerDeque::kMostTasks; ++i) ASSERT_TRUE(push(i));
  EXPECT_FALSE(push(WorkerDeque::kMostTasks));
  EXPECT_EQ(number(deque_.pop_oldest()), 0);
  EXPECT_TRUE(push(WorkerDeque::kMostTasks));
  EXPECT_FALSE(push(0));
  EXPECT_EQ(number(deque_.pop_newest()), static_cast<int>(WorkerDeque::kMostTasks));
  EXPECT_EQ(number(deque_.pop_oldest()), 1);
}

TEST_P(WorkerDequeTest, KeepsItsOrderRoundAfterRound) {
  for (std::size_t i = 0; i < 3 * WorkerDeque::kMostTasks; ++i) {
    ASSERT_TRUE(push(i % 7));
    ASSERT_TRUE(push(7));
    ASSERT_EQ(number(deque_.pop_oldest()), static_cast<int>(i % 7));
    ASSERT_EQ(number(deque_.pop_newest()), 7);
  }
}

// The owner pushes and pops at random, mostly near empty, where it meets the thieves.
TEST_P(WorkerDequeTest, GivesEveryTaskToExactlyOneOfOwnerAndThieves) {
  constexpr int kThieves = 2;
  const std::size_t count = frames_.size();
  std::vector<std::atomic<int>> taken(count);
  std::atomic<bool> all_pushed{false};
  const auto take = [&](const SpawnFrame* frame) {
    if (frame == nullptr) return false;
    // Written by the owner before the push: a race here shows under the thread sanitizer.
    EXPECT_EQ(frame->task_class, ClassId(3));
    taken[static_cast<std::size_t>(number(frame))].fetch_add(1);
    return true;
  };
  std::vector<std::thread> thieves;
  for (int i = 0; i < kThieves; ++i) {
    thieves.emplace_back([&] {
      for (;;) {
        const bool was_last_look = all_pushed.load();
        if (take(deque_.pop_oldest())) continue;
        if (was_last_look) return;
        std::this_thread::yield();
      }
    });
  }
  Random random(7);
  std::size_t next = 0;
  while (next < count) {
    for (std::uint64_t left = 1 + random.below(6); left > 0 && next < count; --left) {
      frames_[next].task_class = ClassId(3);
      ASSERT_TRUE(push(next++));
    }
    for (std::uint64_t left = random.below(6); left > 0; --left) take(deque_.pop_newest());
    if (random.below(50) == 0) std::this_thread::yield();
  }
  while (take(deque_.pop_newest())) {
  }
  all_pushed.store(true);
  for (std::thread& thief : thieves) thief.join();
  for (const auto& times : taken) ASSERT_EQ(times.load(), 1);
}

}  // namespace
}  // namespace weir
