#include "runtime/exec/parkable_executor.hpp"

#include <gtest/gtest.h>

#include "runtime/exec/emulated_executor.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Two cores; every task takes one second.
struct ParkableNode {
  explicit ParkableNode(Duration warm_up = 5s)
      : executor(make_emulated_executor(
                     ServiceModel(EmulationSpec::parse("nodes=2x1;work_ms=1000;size=deterministic"),
                                  0, 1))
                     .executor,
                 warm_up, now) {}

  void give(std::size_t count) {
    std::vector<Task> tasks(count);
    executor.enqueue(std::move(tasks), now);
  }
  std::size_t take(Instant at) {
    now = at;
    std::vector<TaskEnd> ended;
    executor.take_ended(now, ended);
    return ended.size();
  }

  Instant now{1000s};
  ParkableExecutor executor;
};

TEST(ParkableExecutor, HasNoWorkersUntilItIsWarmAgain) {
  ParkableNode node;
  EXPECT_EQ(node.executor.worker_count(), 2);
  node.executor.park(node.now);
  EXPECT_EQ(node.executor.worker_count(), 0);
  EXPECT_EQ(node.executor.promised_worker_count(), 2);
  node.executor.call_back(node.now);
  EXPECT_EQ(node.executor.worker_count(), 0);
  node.executor.ready(node.now);
  EXPECT_EQ(node.executor.worker_count(), 2);
}

TEST(ParkableExecutor, FinishesWhatItHasAndWhatStillComes) {
  ParkableNode node;
  node.give(3);
  node.executor.park(node.now);
  node.give(1);
  EXPECT_EQ(node.take(Instant(1002s)), 4U);
  EXPECT_EQ(node.executor.next_end(), kNever);
}

TEST(ParkableExecutor, CountsTheTimeItIsSwitchedOn) {
  ParkableNode node;
  node.give(1);
  node.executor.park(Instant(1000s + 500ms));
  EXPECT_EQ(node.take(Instant(1001s)), 1U);  // Off from here on.
  EXPECT_EQ(node.executor.powered(Instant(1005s)), 1s);
  node.executor.call_back(Instant(1005s));
  node.executor.ready(Instant(1007s));
  EXPECT_EQ(node.executor.powered(Instant(1010s)), 6s);
}

TEST(ParkableExecutor, IsOffWhenItsLastTaskIsTakenBack) {
  ParkableNode node;
  node.give(3);
  node.executor.park(node.now);
  EXPECT_EQ(node.executor.take_back(5).size(), 1U);
  EXPECT_EQ(node.take(Instant(1001s)), 2U);
  EXPECT_EQ(node.executor.powered(Instant(1003s)), 1s);
}

TEST(ParkableExecutor, IsWarmByItselfSomeTimeAfterItWasSwitchedOn) {
  ParkableNode node(5s);
  node.executor.switch_on(false, node.now);
  EXPECT_EQ(node.executor.worker_count(), 0);
  node.executor.switch_on(true, Instant(1010s));
  EXPECT_EQ(node.executor.next_end(), Instant(1015s));
  node.take(Instant(1014s));
  EXPECT_EQ(node.executor.worker_count(), 0);
  node.take(Instant(1015s));
  EXPECT_EQ(node.executor.worker_count(), 2);
  EXPECT_EQ(node.executor.next_end(), kNever);
}

TEST(ParkableExecutor, TakesNoLongerBecauseItIsToldAgain) {
  ParkableNode node(5s);
  node.executor.switch_on(false, node.now);
  node.executor.switch_on(false, Instant(1001s));
  node.executor.switch_on(true, Instant(1010s));
  node.executor.switch_on(true, Instant(1014s));
  node.take(Instant(1015s));
  EXPECT_EQ(node.executor.worker_count(), 2);
  EXPECT_EQ(node.executor.powered(Instant(1020s)), 10s);
}

TEST(ParkableExecutor, MayBeParkedWhileItIsGettingWarm) {
  ParkableNode node(5s);
  node.executor.switch_on(false, node.now);
  node.executor.switch_on(true, Instant(1010s));
  node.executor.switch_on(false, Instant(1012s));
  node.take(Instant(1020s));
  EXPECT_EQ(node.executor.worker_count(), 0);
  EXPECT_EQ(node.executor.powered(Instant(1020s)), 2s);
}

TEST(ParkableExecutor, IsReadyAtOnceWhereNothingHasToGetWarm) {
  ParkableNode node(0s);
  node.executor.switch_on(false, node.now);
  node.executor.switch_on(true, Instant(1001s));
  EXPECT_EQ(node.executor.worker_count(), 2);
}

}  // namespace
}  // namespace weir
