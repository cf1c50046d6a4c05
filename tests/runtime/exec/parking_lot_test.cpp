#include "runtime/exec/parking_lot.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace weir {
namespace {

TEST(ParkingLot, AWakeBeforeTheSleepIsNotLost) {
  ParkingLot lot(2);
  lot.announce(WorkerId(1));
  lot.wake(1);
  lot.wait(WorkerId(1));  // Would never return if the wake had been lost.
}

TEST(ParkingLot, WithdrawingUsesUpTheWakeThatCameMeanwhile) {
  ParkingLot lot(1);
  lot.announce(WorkerId(0));
  lot.wake(1);
  lot.withdraw(WorkerId(0));
  lot.announce(WorkerId(0));
  std::atomic<bool> woken{false};
  std::thread sleeper([&] {
    lot.wait(WorkerId(0));
    EXPECT_TRUE(woken.load());  // A wake left over from before would come too early.
  });
  woken.store(true);
  lot.wake(1);
  sleeper.join();
}

TEST(ParkingLot, WakesNoMoreThanAskedForAndTheLastToParkFirst) {
  ParkingLot lot(3);
  for (int i = 0; i < 3; ++i) lot.announce(WorkerId(i));
  lot.wake(2);
  lot.wait(WorkerId(2));
  lot.wait(WorkerId(1));
  // Worker 0 is still announced: only now does a wake reach it.
  lot.wake(5);
  lot.wait(WorkerId(0));
}

// One producer, several consumers that sleep whenever they find nothing: with a lost wake-up the
// test hangs.
TEST(ParkingLot, LosesNoWakeUpInManyRounds) {
  constexpr int kRounds = 20000;
  constexpr int kSleepers = 3;
  ParkingLot lot(kSleepers);
  std::atomic<int> items{0}, taken{0};
  std::atomic<bool> stop{false};
  const auto take = [&] {
    int left = items.load();
    while (left > 0 && !items.compare_exchange_weak(left, left - 1)) {
    }
    return left > 0;
  };
  std::vector<std::thread> sleepers;
  for (int i = 0; i < kSleepers; ++i) {
    sleepers.emplace_back([&, id = WorkerId(i)] {
      while (!stop.load()) {
        if (take()) {
          taken.fetch_add(1);
          continue;
        }
        lot.announce(id);
        if (items.load() > 0 || stop.load()) {
          lot.withdraw(id);
        } else {
          lot.wait(id);
        }
      }
    });
  }
  for (int round = 0; round < kRounds; ++round) {
    items.fetch_add(1);
    lot.wake(1);
    while (taken.load() <= round) std::this_thread::yield();
  }
  stop.store(true);
  lot.wake(kSleepers);
  for (std::thread& sleeper : sleepers) sleeper.join();
  EXPECT_EQ(taken.load(), kRounds);
}

}  // namespace
}  // namespace weir
