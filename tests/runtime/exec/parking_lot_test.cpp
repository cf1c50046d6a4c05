#include "runtime/exec/parking_lot.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "runtime/exec/asymmetric_fence.hpp"

namespace weir {
namespace {

TEST(ParkingLot, AWakeBeforeTheSleepIsNotLost) {
  ParkingLot lot({0, 0}, has_heavy_fence());
  lot.announce(WorkerId(1));
  lot.wake(1, 0);
  lot.wait(WorkerId(1));  // Would never return if the wake had been lost.
}

TEST(ParkingLot, WithdrawingUsesUpTheWakeThatCameMeanwhile) {
  ParkingLot lot({0}, has_heavy_fence());
  lot.announce(WorkerId(0));
  lot.wake(1, 0);
  lot.withdraw(WorkerId(0));
  lot.announce(WorkerId(0));
  std::atomic<bool> woken{false};
  std::thread sleeper([&] {
    lot.wait(WorkerId(0));
    EXPECT_TRUE(woken.load());  // A wake left over from before would come too early.
  });
  woken.store(true);
  lot.wake(1, 0);
  sleeper.join();
}

TEST(ParkingLot, WakesNoMoreThanAskedForAndTheLastToParkFirst) {
  ParkingLot lot({0, 0, 0}, has_heavy_fence());
  for (int i = 0; i < 3; ++i) lot.announce(WorkerId(i));
  lot.wake(2, 0);
  lot.wait(WorkerId(2));
  lot.wait(WorkerId(1));
  // Worker 0 is still announced: only now does a wake reach it.
  lot.wake(5, 0);
  lot.wait(WorkerId(0));
}

TEST(ParkingLot, WakesNoSecondSearcherUntilTheFirstHasFoundWorkOrParks) {
  ParkingLot lot({0, 0, 0}, has_heavy_fence());
  EXPECT_FALSE(lot.wants_work());
  for (int i = 0; i < 3; ++i) lot.announce(WorkerId(i));
  EXPECT_TRUE(lot.wants_work());
  lot.wake_searcher(0);
  EXPECT_FALSE(lot.wants_work());
  lot.wake_searcher(0);
  lot.wait(WorkerId(2));
  EXPECT_FALSE(lot.found_work(WorkerId(1)));
  EXPECT_TRUE(lot.found_work(WorkerId(2)));
  EXPECT_TRUE(lot.wants_work());
  lot.wake_searcher(0);
  lot.wait(WorkerId(1));  // Had the second wake above reached it, worker 0 would be next.
  EXPECT_FALSE(lot.wants_work());
  lot.announce(WorkerId(1));
  EXPECT_TRUE(lot.wants_work());
}

TEST(ParkingLot, AWorkerThatWithdrawsSearchesInTheNameOfAll) {
  ParkingLot lot({0, 0}, has_heavy_fence());
  lot.announce(WorkerId(0));
  lot.announce(WorkerId(1));
  lot.withdraw(WorkerId(1));
  EXPECT_FALSE(lot.wants_work());
  EXPECT_TRUE(lot.found_work(WorkerId(1)));
  EXPECT_TRUE(lot.wants_work());
}

TEST(ParkingLot, WakesForSpawnedTasksInTheNamedDomainFirstAndForQueuedOnesOnlyThere) {
  ParkingLot lot({0, 1}, has_heavy_fence());
  lot.announce(WorkerId(0));
  lot.announce(WorkerId(1));
  lot.wake_searcher(0);
  lot.wait(WorkerId(0));
  EXPECT_EQ(lot.wake(1, 0), 0U);
  EXPECT_TRUE(lot.found_work(WorkerId(0)));
  lot.wake_searcher(0);
  lot.wait(WorkerId(1));
}

TEST(ParkingLot, WakesAWorkerParkedForSpawnedTasksToSearchWhereNobodyElseIs) {
  ParkingLot lot({0, 0}, has_heavy_fence());
  lot.announce(WorkerId(0), ParkingLot::Wakes::kForSpawned);
  EXPECT_TRUE(lot.wants_work());
  EXPECT_EQ(lot.wake(1, 0), 0U) << "it takes no queued task";
  lot.announce(WorkerId(1));
  lot.wake_searcher(0);
  lot.wait(WorkerId(1));
  EXPECT_FALSE(lot.wants_work());
  EXPECT_TRUE(lot.found_work(WorkerId(1)));
  lot.wake_searcher(0);
  lot.wait(WorkerId(0));
  EXPECT_FALSE(lot.wants_work());
  EXPECT_TRUE(lot.found_work(WorkerId(0)));
}

TEST(ParkingLot, AWorkerParkedForItselfOnlyIsWokenByNameOnly) {
  ParkingLot lot({0}, has_heavy_fence());
  lot.announce(WorkerId(0), ParkingLot::Wakes::kForItselfOnly);
  EXPECT_FALSE(lot.wants_work());
  EXPECT_EQ(lot.wake(1, 0), 0U);
  lot.wake_worker(WorkerId(0));
  lot.wait(WorkerId(0));
}

// One producer, several consumers that sleep whenever they find nothing: with a lost wake-up the
// test hangs.
TEST(ParkingLot, LosesNoWakeUpInManyRounds) {
  constexpr int kRounds = 20000;
  constexpr int kSleepers = 3;
  ParkingLot lot(std::vector<int>(kSleepers, 0), has_heavy_fence());
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
    lot.wake(1, 0);
    while (taken.load() <= round) std::this_thread::yield();
  }
  stop.store(true);
  lot.wake(kSleepers, 0);
  for (std::thread& sleeper : sleepers) sleeper.join();
  EXPECT_EQ(taken.load(), kRounds);
}

}  // namespace
}  // namespace weir
