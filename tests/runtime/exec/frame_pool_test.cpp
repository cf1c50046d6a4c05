#include "runtime/exec/frame_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

namespace weir {
namespace {

TEST(FramePool, GivesTheFrameThatCameBackLastFirst) {
  FramePool pool;
  SpawnFrame& first = pool.take();
  SpawnFrame& second = pool.take();
  EXPECT_NE(&first, &second);
  pool.give_back(first);
  pool.give_back(second);
  EXPECT_EQ(&pool.take(), &second);
  EXPECT_EQ(&pool.take(), &first);
}

TEST(FramePool, HandsOutEachFrameOnceHoweverItCameBack) {
  FramePool pool;
  for (int round = 0; round < 3; ++round) {
    std::set<SpawnFrame*> out;
    for (int i = 0; i < 300; ++i) EXPECT_TRUE(out.insert(&pool.take()).second);
    bool afar = false;
    for (SpawnFrame* frame : out) {
      afar = !afar;
      afar ? pool.give_back_from_afar(*frame) : pool.give_back(*frame);
    }
  }
  EXPECT_LE(pool.frame_count(), 400U);
}

// One thread takes, others give back: however many tasks they run, no more frames are made than
// were out at a time.
TEST(FramePool, StaysAsSmallAsWhatIsOutAtATimeWhoeverGivesBack) {
  constexpr int kThieves = 3;
  constexpr int kTasks = 20000;
  constexpr std::size_t kOut = 100;
  FramePool pool;
  std::array<std::atomic<SpawnFrame*>, kThieves> hands{};
  std::atomic<int> returned{0};
  std::vector<std::thread> thieves;
  for (auto& hand : hands) {
    thieves.emplace_back([&] {
      while (returned.load() < kTasks) {
        SpawnFrame* frame = hand.exchange(nullptr);
        if (frame == nullptr) {
          std::this_thread::yield();
          continue;
        }
        frame->home->give_back_from_afar(*frame);
        returned.fetch_add(1);
      }
    });
  }
  int taken = 0;
  while (taken < kTasks) {
    if (static_cast<std::size_t>(taken - returned.load()) >= kOut) {
      std::this_thread::yield();
      continue;
    }
    auto& hand = hands[static_cast<std::size_t>(taken % kThieves)];
    SpawnFrame* expected = nullptr;
    SpawnFrame& frame = pool.take();
    while (!hand.compare_exchange_weak(expected, &frame)) {
      expected = nullptr;
      std::this_thread::yield();
    }
    ++taken;
  }
  for (std::thread& thief : thieves) thief.join();
  EXPECT_LE(pool.frame_count(), 2 * kOut);
}

}  // namespace
}  // namespace weir
