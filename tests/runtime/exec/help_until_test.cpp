// Tasks that wait in tasks. What would wait for ever shows as a hang.

#include <gtest/gtest.h>

#include <alloca.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <semaphore>
#include <stdexcept>

#include "runtime/exec/thread_executor.hpp"
#include "tests/runtime/exec/executor_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

class HelpUntilTest : public testing::Test {
 protected:
  ThreadExecutor& start(int worker_count) {
    executor_ = std::make_unique<ThreadExecutor>(
        kinds_, clock_,
        ThreadExecutorOptions{.worker_count = worker_count, .notify = [this] { bell_.release(); }});
    return *executor_;
  }
  void enqueue(KindId kind, std::uint64_t first, std::uint64_t count = 1) {
    std::vector<Task> tasks;
    for (std::uint64_t id = first; id < first + count; ++id) tasks.push_back(make_task(kind, id));
    executor_->enqueue(std::move(tasks), clock_.now());
  }
  std::map<std::uint64_t, TaskEnd> wait_for_ends(std::size_t count) {
    std::vector<TaskEnd> ends;
    while (ends.size() < count) {
      bell_.acquire();
      executor_->take_ended(clock_.now(), ends);
    }
    std::map<std::uint64_t, TaskEnd> by_id;
    for (TaskEnd& end : ends) by_id[end.id.value()] = std::move(end);
    return by_id;
  }
  void spend(Duration time) {
    const Instant until = clock_.now() + time;
    while (clock_.now() < until) {
    }
  }

  TestClock clock_;
  KindTable kinds_;
  std::counting_semaphore<> bell_{0};
  std::unique_ptr<ThreadExecutor> executor_;
};

TEST_F(HelpUntilTest, RunsQueuedTasksOfItsNodeWhileTheOnlyWorkerWaitsForThem) {
  std::atomic<int> ran{0};
  const KindId waits = kinds_.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    EXPECT_TRUE(context.help_until([&] { return ran.load() == 3; }));
  });
  const KindId runs =
      kinds_.add("runs", [&](TaskContext&, const Payload&, Bytes&) { ran.fetch_add(1); });
  start(1);
  enqueue(waits, 0);
  enqueue(runs, 1, 3);
  EXPECT_EQ(wait_for_ends(4).size(), 4U);
  EXPECT_EQ(executor_->load(clock_.now()).running, 0U);
}

TEST_F(HelpUntilTest, CountsTheTimeOfATaskThatRunsMeanwhileOnce) {
  std::atomic<bool> ran{false};
  const KindId waits = kinds_.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    spend(2ms);
    context.help_until([&] { return ran.load(); });
  });
  const KindId runs = kinds_.add("runs", [&](TaskContext&, const Payload&, Bytes&) {
    spend(20ms);
    ran.store(true);
  });
  start(1);
  enqueue(waits, 0);
  enqueue(runs, 1);
  auto ends = wait_for_ends(2);
  EXPECT_GE(ends[0].service, 2ms);
  EXPECT_GE(ends[1].service, 20ms);
  const Duration busy = executor_->load(clock_.now()).busy;
  EXPECT_LE(ends[0].service + ends[1].service, busy);
  // Not 20 ms more: what the worker is busy with beside its tasks is its wait, and no sleep.
  EXPECT_LE(busy, ends[0].service + ends[1].service + 15ms);
}

TEST_F(HelpUntilTest, SleepIsNeitherBusyTimeNorService) {
  std::binary_semaphore asleep{0};
  std::atomic<bool> done{false};
  Wakeup wakeup;
  const KindId waits = kinds_.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    wakeup = context.wakeup();
    asleep.release();
    context.help_until([&] { return done.load(); });
  });
  start(1);
  const Instant from = clock_.now();
  enqueue(waits, 0);
  asleep.acquire();
  while (executor_->load(clock_.now()).running > 0) std::this_thread::yield();
  std::vector<RunningTask> running;
  executor_->append_running(running);
  EXPECT_TRUE(running.empty());
  const Instant slept_from = clock_.now();
  std::this_thread::sleep_for(30ms);
  const Duration slept = clock_.now() - slept_from - 10ms;  // It may have lain down a bit later.
  done.store(true);
  wakeup.wake();
  const auto ends = wait_for_ends(1);
  EXPECT_LE(ends.at(0).service, clock_.now() - from - slept);
  EXPECT_LE(executor_->load(clock_.now()).busy, clock_.now() - from - slept);
}

TEST_F(HelpUntilTest, ATaskThatWaitsLeavesItsPlaceToOneOfItsClass) {
  std::atomic<bool> ran{false};
  const KindId waits = kinds_.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    context.help_until([&] { return ran.load(); });
  });
  const KindId runs =
      kinds_.add("runs", [&](TaskContext&, const Payload&, Bytes&) { ran.store(true); });
  ThreadExecutor& executor = start(2);
  executor.set_class_limits(limits_of({.most = 1}), clock_.now());
  enqueue(waits, 0);
  enqueue(runs, 1);
  wait_for_ends(2);
  EXPECT_EQ(executor.load(clock_.now()).classes[0].running, 0U);
}

TEST_F(HelpUntilTest, TellsWhichTaskRunsAndWhichWaitBeneathIt) {
  std::atomic<bool> ran{false};
  std::vector<std::optional<TaskId>> seen;
  const KindId waits = kinds_.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    seen.push_back(context.task());
    EXPECT_TRUE(context.is_beneath(TaskId(7)));
    context.help_until([&] { return ran.load(); });
    seen.push_back(context.task());
    EXPECT_FALSE(context.is_beneath(TaskId(8)));
  });
  const KindId runs = kinds_.add("runs", [&](TaskContext& context, const Payload&, Bytes&) {
    seen.push_back(context.task());
    EXPECT_TRUE(context.is_beneath(TaskId(7)));
    EXPECT_TRUE(context.is_beneath(TaskId(8)));
    context.spawn(
        [&](TaskContext& spawned) {
          seen.push_back(spawned.task());
          ran.store(true);
        },
        ClassId(0));
  });
  start(1);
  enqueue(waits, 7);
  enqueue(runs, 8);
  wait_for_ends(2);
  EXPECT_EQ(seen, (std::vector<std::optional<TaskId>>{TaskId(7), TaskId(8), TaskId(7), TaskId(7)}));
}

TEST_F(HelpUntilTest, SaysSoWhenTheExecutorEndsBefore) {
  std::binary_semaphore entered{0};
  bool is_done = true;
  const KindId waits = kinds_.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    entered.release();
    is_done = context.help_until([] { return false; });
  });
  start(1);
  enqueue(waits, 0);
  entered.acquire();
  executor_.reset();
  EXPECT_FALSE(is_done);
}

TEST_F(HelpUntilTest, RefusesToWaitInAnImmediateTask) {
  const KindId waits =
      kinds_.add("waits",
                 [&](TaskContext& context, const Payload&, Bytes&) {
                   EXPECT_TRUE(context.help_until([] { return true; }));
                   EXPECT_THROW(context.help_until([] { return false; }), std::logic_error);
                 },
                 {.immediate = true});
  start(1);
  enqueue(waits, 0);
}

// All of them on one stack would need more than any has.
TEST_F(HelpUntilTest, TakesNoMoreTasksOnTopThanHalfOfTheStackHolds) {
  constexpr std::size_t kBytesOfEach = 256 * 1024;
  constexpr std::uint64_t kTasks = 200;
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> started{0};
  Wakeup wakeup;
  const KindId waits = kinds_.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    auto* bytes = static_cast<volatile char*>(alloca(kBytesOfEach));
    for (std::size_t i = 0; i < kBytesOfEach; i += 1024) bytes[i] = 1;
    if (started.load() == 0) wakeup = context.wakeup();
    started.fetch_add(1);
    context.help_until([&] { return done.load(); });
  });
  start(1);
  enqueue(waits, 0, kTasks);
  // Until it takes no more of them.
  std::uint64_t seen = 0;
  do {
    seen = started.load();
    std::this_thread::sleep_for(20ms);
  } while (seen == 0 || started.load() != seen);
  EXPECT_LT(seen, kTasks);
  done.store(true);
  wakeup.wake();
  EXPECT_EQ(wait_for_ends(kTasks).size(), kTasks);
}

TEST_F(HelpUntilTest, IsHungryWhileSomeWorkerHasNothingToDo) {
  std::counting_semaphore<> entered{0};
  std::counting_semaphore<> open{0};
  const KindId looks = kinds_.add("looks", [&](TaskContext& context, const Payload&, Bytes&) {
    while (!context.hungry()) std::this_thread::yield();
    entered.release();
    while (context.hungry()) std::this_thread::yield();
    open.release();
  });
  const KindId holds =
      kinds_.add("holds", [&](TaskContext&, const Payload&, Bytes&) { open.acquire(); });
  start(2);
  enqueue(looks, 0);
  entered.acquire();
  enqueue(holds, 1);
  EXPECT_EQ(wait_for_ends(2).size(), 2U);
}

// Each round another thread ends the wait of a worker that may be awake, asleep or in between.
TEST_F(HelpUntilTest, LosesNoWakeUpInManyRounds) {
  constexpr int kRounds = 2000;
  std::atomic<int> round{0};
  std::atomic<int> reached{-1};
  Wakeup wakeup;
  std::binary_semaphore has_wakeup{0};
  const KindId waits = kinds_.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    wakeup = context.wakeup();
    has_wakeup.release();
    for (int i = 1; i <= kRounds; ++i) {
      reached.store(i);
      context.help_until([&] { return round.load(std::memory_order_relaxed) >= i; });
    }
  });
  start(2);
  enqueue(waits, 0);
  has_wakeup.acquire();
  for (int i = 1; i <= kRounds; ++i) {
    while (reached.load() < i) std::this_thread::yield();
    if (i % 3 == 0) std::this_thread::sleep_for(20us);
    round.store(i, std::memory_order_relaxed);
    wakeup.wake();
  }
  EXPECT_EQ(wait_for_ends(1).size(), 1U);
}

}  // namespace
}  // namespace weir
