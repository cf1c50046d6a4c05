#include "runtime/exec/task_exchange.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "runtime/exec/end_watch.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr Duration kAtOnce{0};

// One worker that runs one task after the other, of lengths that the test says.
class TaskExchangeTest : public testing::Test {
 protected:
  void enqueue(int count) {
    exchange_.enqueue(std::vector<Task>(static_cast<std::size_t>(count)), now_);
  }
  void begin() { ASSERT_TRUE(exchange_.take(queued_, 0)); }
  // The running task ends after so long, and the worker takes the next one.
  void run(Duration service) {
    const Duration waited = now_ - queued_.queued_at;
    now_ += service;
    TaskEnd end;
    end.waited = waited;
    end.service = service;
    exchange_.post_and_take(std::move(end), now_, queued_, 0);
  }
  std::size_t take_ended() {
    std::vector<TaskEnd> ends;
    exchange_.take_ended(ends);
    return ends.size();
  }

  Instant now_{1s};
  std::vector<Duration> calls_;  // how long the control thread may leave it
  TaskExchange exchange_{{.at_once = [this] { calls_.push_back(kAtOnce); },
                          .within = [this](Duration patience) { calls_.push_back(patience); }},
                         {},
                         {1}};
  QueuedTask queued_;
};

TEST_F(TaskExchangeTest, CallsAtOnceWhenNoTaskWaitsBehind) {
  enqueue(2);
  begin();
  run(1ms);
  EXPECT_EQ(calls_, std::vector<Duration>{kAtOnce});
}

TEST_F(TaskExchangeTest, CallsOnceForEndsThatMayWait) {
  enqueue(100);
  now_ += 1s;  // in which they waited
  begin();
  for (int i = 0; i < 5; ++i) run(1ms);
  EXPECT_EQ(calls_, std::vector<Duration>{kEndTick});
  EXPECT_EQ(take_ended(), 5U);
  run(1ms);
  EXPECT_EQ(calls_, (std::vector<Duration>{kEndTick, kEndTick}));
}

TEST_F(TaskExchangeTest, CallsBeforeTheFirstEndHasWaitedTooLong) {
  enqueue(100);
  now_ += 32ms;
  begin();
  run(1ms);  // It may be left for an eighth of 33 ms, and each of the others for longer.
  for (int i = 0; i < 3; ++i) run(1ms);
  EXPECT_EQ(calls_, std::vector<Duration>{kEndTick});
  run(1ms);  // The end of the next one would come too late.
  ASSERT_EQ(calls_.size(), 2U);
  EXPECT_EQ(calls_[1], 125us);
}

TEST_F(TaskExchangeTest, SaysHowLongALongTaskMayBeLeft) {
  enqueue(3);
  begin();
  run(40ms);
  EXPECT_EQ(calls_, std::vector<Duration>{5ms});
}

TEST_F(TaskExchangeTest, CallsAgainForAnEndThatCanWaitLess) {
  enqueue(100);
  now_ += 1s;
  begin();
  run(1ms);
  exchange_.post({}, 0);
  EXPECT_EQ(calls_, (std::vector<Duration>{kEndTick, kAtOnce}));
  exchange_.post({}, 0);
  EXPECT_EQ(calls_.size(), 2U);
}

TEST_F(TaskExchangeTest, SaysWhetherTasksWaitForAllWorkers) {
  std::vector<TaskEnd> ends;
  enqueue(1);
  EXPECT_TRUE(exchange_.take_ended(ends));
  begin();
  EXPECT_FALSE(exchange_.take_ended(ends));
}

TEST_F(TaskExchangeTest, CallsAtOnceWhereWhatWaitsIsAtItsLimit) {
  ClassLimits limits{};
  limits[0].most = 1;
  exchange_.set_class_limits(limits);
  enqueue(100);
  now_ += 1s;
  begin();
  run(1ms);
  EXPECT_EQ(calls_, std::vector<Duration>{kAtOnce});
  std::vector<TaskEnd> ends;
  EXPECT_FALSE(exchange_.take_ended(ends));
}

TEST(TaskExchange, CallsAtOnceWhereNothingElseIsAskedFor) {
  int calls = 0;
  TaskExchange exchange({.at_once = [&calls] { ++calls; }}, {}, {1});
  exchange.enqueue(std::vector<Task>(3), Instant(1s));
  QueuedTask queued;
  ASSERT_TRUE(exchange.take(queued, 0));
  exchange.post_and_take({}, Instant(2s), queued, 0);
  EXPECT_EQ(calls, 1);
}

TEST_F(TaskExchangeTest, GivesDeeperTasksWithinTheLimitOfTheirClass) {
  std::vector<Task> tasks(3);
  tasks[1].header.depth = 2;
  tasks[2].header.depth = 3;
  exchange_.enqueue(std::move(tasks), now_);
  exchange_.set_class_limits([] {
    ClassLimits limits{};
    limits[0].most = 1;
    return limits;
  }());
  EXPECT_FALSE(exchange_.take_deeper(queued_, 0, 3));
  ASSERT_TRUE(exchange_.take_deeper(queued_, 0, 1));
  EXPECT_EQ(queued_.task.header.depth, 3);
  EXPECT_FALSE(exchange_.has_deeper(0, 1)) << "one of its class runs";
  QueuedTask other;
  EXPECT_FALSE(exchange_.take_deeper(other, 0, 1));
  EXPECT_TRUE(exchange_.post({}, 0).lets_another_start);
  EXPECT_TRUE(exchange_.has_deeper(0, 1));
  ASSERT_TRUE(exchange_.take(queued_, 0));
  EXPECT_EQ(queued_.task.header.depth, 0) << "the first in the queue";
}

TEST_F(TaskExchangeTest, AnEndAfterWhichALimitNoLongerBindsLetsAnyClassStart) {
  TaskExchange exchange({}, {}, {3});
  exchange.set_class_limits({{{.most = 1, .binds_from = 2}}});
  std::vector<Task> tasks(4);
  tasks[1].header.task_class = ClassId(1);
  exchange.enqueue(std::move(tasks), now_);
  QueuedTask queued;
  ASSERT_TRUE(exchange.take(queued, 0));
  ASSERT_TRUE(exchange.take(queued, 0));
  EXPECT_EQ(queued.task.header.task_class, ClassId(1));
  EXPECT_FALSE(exchange.take(queued, 0)) << "two workers are busy";
  EXPECT_TRUE(exchange.step_aside(ClassId(1), 0));
  EXPECT_TRUE(exchange.take(queued, 0));
  EXPECT_FALSE(exchange.take(queued, 0));
}

TEST_F(TaskExchangeTest, GivesUpTheDeepestWhateverItsPriority) {
  std::vector<Task> tasks(3);
  tasks[0].header.depth = 2;
  tasks[0].header.priority = 7;
  tasks[1].header.depth = 5;
  tasks[2].header.depth = 4;
  exchange_.enqueue(std::move(tasks), now_);
  EXPECT_EQ(exchange_.take_deepest()->task.header.depth, 5);
  EXPECT_EQ(exchange_.take_deepest()->task.header.depth, 4);
  EXPECT_EQ(exchange_.take_deepest()->task.header.depth, 2);
}

TEST_F(TaskExchangeTest, GivesUpTheDeepestThoughItsClassIsAtItsLimit) {
  std::vector<Task> tasks(2);
  tasks[1].header.depth = 2;
  exchange_.enqueue(std::move(tasks), now_);
  ClassLimits limits{};
  limits[0].most = 1;
  exchange_.set_class_limits(limits);
  begin();
  EXPECT_EQ(exchange_.take_deepest()->task.header.depth, 2);
  EXPECT_FALSE(exchange_.take_deepest());
}

}  // namespace
}  // namespace weir
