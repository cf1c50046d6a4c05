// Tasks that wait in tasks. What would wait for ever shows as a hang.

#include <gtest/gtest.h>

#include <alloca.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <semaphore>
#include <stdexcept>

#include "runtime/exec/thread_executor.hpp"
#include "tests/runtime/exec/executor_inputs.hpp"
#include "tests/support/small_stacks.hpp"

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

  SmallStacks stacks_;
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

TEST_F(HelpUntilTest, ASpawnedTaskIsAsDeepAsItsSpawnerOnWhateverWorkerItRuns) {
  std::atomic<int> depth_here{-1};
  std::atomic<int> depth_elsewhere{-1};
  const KindId spawns = kinds_.add("spawns", [&](TaskContext& context, const Payload&, Bytes&) {
    context.spawn([&](TaskContext& stolen) { depth_elsewhere.store(stolen.depth()); }, ClassId(0));
    while (depth_elsewhere.load() < 0) std::this_thread::yield();
    context.spawn([&](TaskContext& own) { depth_here.store(own.depth()); }, ClassId(0));
    EXPECT_EQ(context.depth(), 5);
  });
  start(2);
  std::vector<Task> tasks;
  tasks.push_back(make_task(spawns, 0));
  tasks.back().header.depth = 5;
  executor_->enqueue(std::move(tasks), clock_.now());
  wait_for_ends(1);
  while (depth_here.load() < 0) std::this_thread::yield();
  EXPECT_EQ(depth_elsewhere.load(), 5);
  EXPECT_EQ(depth_here.load(), 5);
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

// Tasks with ids in a row, each with a large frame, that wait for others until these have ended.
class DeepWaitTest : public HelpUntilTest {
 protected:
  static constexpr std::size_t kMostTasks = 1024;

  // Its frame takes that many bytes. Waits for the end of task `other`.
  void wait_for(TaskContext& context, std::uint64_t other, std::size_t frame_bytes) {
    auto* frame = static_cast<volatile char*>(alloca(frame_bytes));
    frame[0] = 1;
    const auto is_over = [&] { return ended_[other].load(); };
    EXPECT_TRUE(context.help_until(is_over));
  }
  void will_wait_for(TaskContext& context, std::uint64_t other) {
    wakeups_[other] = context.wakeup();
  }
  // The control thread enqueues it later.
  void submit(KindId kind, std::uint64_t id, std::uint16_t depth) {
    Task task = make_task(kind, id);
    task.header.depth = depth;
    {
      const std::lock_guard lock(mutex_);
      submitted_.push_back(std::move(task));
    }
    bell_.release();
  }
  // As a control thread does, until so many have ended. Where nothing has happened for a while, the
  // time it goes by jumps to when the executor wants to be looked at.
  std::map<std::uint64_t, TaskEnd> run_until_ended(std::size_t count) {
    Instant now = clock_.now();
    Instant last_event = now;
    std::map<std::uint64_t, TaskEnd> by_id;
    while (by_id.size() < count) {
      bell_.try_acquire_for(1ms);
      std::vector<Task> tasks;
      {
        const std::lock_guard lock(mutex_);
        tasks.swap(submitted_);
      }
      bool is_quiet = tasks.empty();
      if (!is_quiet) executor_->enqueue(std::move(tasks), now);
      std::vector<TaskEnd> ends;
      executor_->take_ended(now, ends);
      is_quiet = is_quiet && ends.empty();
      if (!is_quiet) last_event = clock_.now();
      if (clock_.now() - last_event > 50ms && executor_->next_end() != kNever) {
        now = executor_->next_end();
      }
      for (TaskEnd& end : ends) {
        const std::uint64_t id = end.id.value();
        ended_[id].store(true);
        wakeups_[id].wake();
        by_id[id] = std::move(end);
      }
    }
    return by_id;
  }

 private:
  std::mutex mutex_;
  std::vector<Task> submitted_;
  std::array<std::atomic<bool>, kMostTasks> ended_{};
  std::array<Wakeup, kMostTasks> wakeups_;  // of who waits for its end
};

// What each of them needs comes to the end of the queue; all of them on one stack would leave no
// room for it.
TEST_F(DeepWaitTest, TasksThatEachWaitForADeeperOneFinishHoweverManyThereAre) {
  constexpr std::uint64_t kTasks = kMostTasks / 2;
  const KindId runs = kinds_.add(
      "runs", [&](TaskContext& context, const Payload&, Bytes&) { EXPECT_EQ(context.depth(), 1); });
  const KindId waits =
      kinds_.add("waits", [&](TaskContext& context, const Payload& payload, Bytes&) {
        will_wait_for(context, kTasks + number_in(payload));
        submit(runs, kTasks + number_in(payload), 1);
        wait_for(context, kTasks + number_in(payload), 64 * 1024);
      });
  start(2);
  enqueue(waits, 0, kTasks);
  for (const auto& [id, end] : run_until_ended(2 * kTasks)) {
    EXPECT_EQ(end.status, TaskStatus::kDone) << id;
  }
}

TEST_F(DeepWaitTest, WhereNoStackHasRoomForTheNextOfAChainThatOneFails) {
  constexpr std::size_t kFrame = SmallStacks::kBytes / 32;
  std::atomic<std::uint64_t> started{0};
  std::optional<KindId> self;
  const KindId waits =
      kinds_.add("waits", [&](TaskContext& context, const Payload& payload, Bytes&) {
        const std::uint64_t next = number_in(payload) + 1;
        started.store(next);
        will_wait_for(context, next);
        submit(*self, next, static_cast<std::uint16_t>(next));
        wait_for(context, next, kFrame);
      });
  self = waits;
  start(2);
  enqueue(waits, 0);
  // All that start end, and the one that does not.
  std::map<std::uint64_t, TaskEnd> ends = run_until_ended(2);
  while (ends.size() < started.load() + 1) ends.merge(run_until_ended(1));
  for (std::uint64_t id = 0; id < started.load(); ++id) {
    EXPECT_EQ(ends[id].status, TaskStatus::kDone) << id;
  }
  const TaskEnd& last = ends[started.load()];
  EXPECT_EQ(last.status, TaskStatus::kFailed);
  EXPECT_NE(text_of(last.result).find("wait for tasks lie too deep"), std::string::npos);
  EXPECT_NE(text_of(last.result).find("with " + std::to_string(started.load()) + " others above"),
            std::string::npos)
      << text_of(last.result);
}

TEST_F(DeepWaitTest, AStandstillLetsTasksStartThatAreNoDeeper) {
  const KindId waits = kinds_.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    will_wait_for(context, 1);
    wait_for(context, 1, bytes_to_deep());
  });
  const KindId runs = kinds_.add("runs", [](TaskContext&, const Payload&, Bytes&) {});
  start(1);
  enqueue(waits, 0);
  enqueue(runs, 1);
  for (const auto& [id, end] : run_until_ended(2)) EXPECT_EQ(end.status, TaskStatus::kDone) << id;
}

TEST_F(DeepWaitTest, AWorkerThatTakesOnlyDeeperTasksIsWokenForSpawnedOnes) {
  const KindId waits = kinds_.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    will_wait_for(context, 1);
    wait_for(context, 1, bytes_to_deep());
  });
  const KindId spawns = kinds_.add("spawns", [](TaskContext& context, const Payload&, Bytes&) {
    while (!context.hungry()) std::this_thread::yield();
    std::atomic<bool> ran{false};
    context.spawn([&](TaskContext&) { ran.store(true); }, ClassId(0));
    while (!ran.load()) std::this_thread::yield();
  });
  start(2);
  enqueue(waits, 0);
  while (executor_->load(clock_.now()).queued > 0) std::this_thread::yield();
  enqueue(spawns, 1);
  for (const auto& [id, end] : run_until_ended(2)) EXPECT_EQ(end.status, TaskStatus::kDone) << id;
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
