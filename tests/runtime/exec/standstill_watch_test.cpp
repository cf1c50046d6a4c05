#include "runtime/exec/standstill_watch.hpp"

#include <gtest/gtest.h>

#include "tests/runtime/exec/executor_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// A team without threads, both workers of which wait deep in their stacks.
class StandstillWatchTest : public testing::Test {
 protected:
  StandstillWatchTest() {
    team_.stalled.enter();
    team_.stalled.enter();
    Task task;
    task.header.depth = 3;
    std::vector<Task> tasks;
    tasks.push_back(std::move(task));
    team_.exchange.enqueue(std::move(tasks), now_);
  }
  // Looks whenever the watch asks for it, for so long; says whether a task was given up.
  bool look_for(Duration time) {
    const Instant until = now_ + time;
    while (now_ < until) {
      if (watch_.look(now_)) return true;
      now_ = std::min(until, watch_.next_look());
    }
    return false;
  }

  TestClock clock_;
  KindTable kinds_;
  WorkerTeam team_{kinds_, clock_, {0, 0}, {}, {}, false};
  StandstillWatch watch_{team_};
  Instant now_{1h};
};

TEST_F(StandstillWatchTest, GivesUpATaskAfterASecondWhereNobodyHasRoom) {
  team_.exhausted = 2;
  EXPECT_FALSE(look_for(900ms));
  EXPECT_TRUE(look_for(200ms));
}

TEST_F(StandstillWatchTest, PermitsATaskFirstWhereSomebodyHasRoom) {
  team_.exhausted = 1;
  EXPECT_FALSE(look_for(900ms));
  EXPECT_FALSE(team_.permits_one);
  EXPECT_FALSE(look_for(200ms));
  EXPECT_TRUE(team_.permits_one);
}

TEST_F(StandstillWatchTest, WithdrawsThePermitWhenSomebodyGoesOn) {
  EXPECT_FALSE(look_for(1100ms));
  ASSERT_TRUE(team_.permits_one);
  team_.stalled.leave();
  watch_.look(now_);
  EXPECT_FALSE(team_.permits_one);
  EXPECT_EQ(watch_.next_look(), kNever);
}

TEST_F(StandstillWatchTest, BeginsAnewWhereSomethingIsQueuedOrEnds) {
  team_.exhausted = 2;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(look_for(900ms)) << i;
    watch_.on_change();
  }
}

TEST_F(StandstillWatchTest, BeginsAnewWhereAWorkerMoved) {
  team_.exhausted = 2;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(look_for(900ms)) << i;
    team_.stalled.leave();
    team_.stalled.enter();
  }
}

TEST_F(StandstillWatchTest, CountsLittleOfTheTimeInWhichNobodyLooks) {
  team_.exhausted = 2;
  EXPECT_FALSE(watch_.look(now_));
  for (int i = 0; i < 9; ++i) {
    now_ += 10s;
    EXPECT_FALSE(watch_.look(now_)) << i;
  }
}

}  // namespace
}  // namespace weir
