#include "runtime/sim/parkable_executor.hpp"

#include <gtest/gtest.h>

#include "runtime/exec/emulated_executor.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Two cores; every task takes one second. The node's clock shows the world's time.
struct ParkableNode {
  SimTime now{};
  ParkableExecutor executor{
      make_emulated_executor(
          ServiceModel(EmulationSpec::parse("nodes=2x1;work_ms=1000;size=deterministic"), 0, 1))
          .executor,
      now};

  Instant local() const { return Instant(now.time_since_epoch()); }
  void give(std::size_t count) {
    std::vector<Task> tasks(count);
    executor.enqueue(std::move(tasks), local());
  }
  std::size_t take(SimTime at) {
    now = at;
    std::vector<TaskEnd> ended;
    executor.take_ended(local(), ended);
    return ended.size();
  }
};

TEST(ParkableExecutor, HasNoWorkersUntilItIsWarmAgain) {
  ParkableNode node;
  EXPECT_EQ(node.executor.worker_count(), 2);
  node.executor.park();
  EXPECT_EQ(node.executor.worker_count(), 0);
  EXPECT_EQ(node.executor.promised_worker_count(), 2);
  node.executor.call_back();
  EXPECT_EQ(node.executor.worker_count(), 0);
  node.executor.ready();
  EXPECT_EQ(node.executor.worker_count(), 2);
}

TEST(ParkableExecutor, FinishesWhatItHasAndWhatStillComes) {
  ParkableNode node;
  node.give(3);
  node.executor.park();
  node.give(1);
  EXPECT_EQ(node.take(SimTime(2s)), 4U);
  EXPECT_EQ(node.executor.next_end(), kNever);
}

TEST(ParkableExecutor, CountsTheTimeItIsSwitchedOn) {
  ParkableNode node;
  node.give(1);
  node.now = SimTime(500ms);
  node.executor.park();
  EXPECT_EQ(node.take(SimTime(1s)), 1U);  // Off from here on.
  node.now = SimTime(5s);
  EXPECT_EQ(node.executor.powered(), 1s);
  node.executor.call_back();
  node.now = SimTime(7s);
  node.executor.ready();
  node.now = SimTime(10s);
  EXPECT_EQ(node.executor.powered(), 6s);
}

TEST(ParkableExecutor, IsOffWhenItsLastTaskIsTakenBack) {
  ParkableNode node;
  node.give(3);
  node.executor.park();
  EXPECT_EQ(node.executor.take_back(5).size(), 1U);
  EXPECT_EQ(node.take(SimTime(1s)), 2U);
  node.now = SimTime(3s);
  EXPECT_EQ(node.executor.powered(), 1s);
}

}  // namespace
}  // namespace weir
