// Groups of spawned tasks, on one worker and on several. What would wait for ever shows as a hang.

#include "runtime/exec/task_group.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <string>

#include "runtime/exec/thread_executor.hpp"
#include "tests/runtime/exec/executor_inputs.hpp"

namespace weir {
namespace {

struct Workers {
  int count = 1;
  bool parking_pays_fence = true;
};

class TaskGroupTest : public testing::TestWithParam<Workers> {
 protected:
  using Body = std::function<void(TaskContext&)>;

  // Runs the body as a queued task of an executor, and hands over what it threw, as text.
  std::string run(Body body) { return text_of(run_tasks({std::move(body)}).front().result); }
  std::vector<TaskEnd> run_tasks(std::vector<Body> bodies) {
    const KindId kind = kinds_.add("body" + std::to_string(kinds_.size()),
                                   [bodies](TaskContext& context, const Payload& payload, Bytes&) {
                                     bodies[number_in(payload)](context);
                                   });
    executor_ = std::make_unique<ThreadExecutor>(
        kinds_, clock_,
        ThreadExecutorOptions{
            .worker_count = GetParam().count,
            .notify = [this] { bell_.release(); },
            .on_spawn_error = [this](ClassId, const std::string&) { ++reported_; },
            .parking_pays_fence = GetParam().parking_pays_fence});
    std::vector<Task> tasks;
    for (std::uint64_t id = 0; id < bodies.size(); ++id) tasks.push_back(make_task(kind, id));
    executor_->enqueue(std::move(tasks), clock_.now());
    std::vector<TaskEnd> ends;
    while (ends.size() < bodies.size()) {
      bell_.acquire();
      executor_->take_ended(clock_.now(), ends);
    }
    return ends;
  }

  TestClock clock_;
  KindTable kinds_;
  std::counting_semaphore<> bell_{0};
  std::atomic<int> reported_{0};
  std::unique_ptr<ThreadExecutor> executor_;
};

INSTANTIATE_TEST_SUITE_P(Workers, TaskGroupTest,
                         testing::Values(Workers{1}, Workers{2}, Workers{4}, Workers{2, false},
                                         Workers{4, false}),
                         [](const auto& workers) {
                           return std::to_string(workers.param.count) +
                                  (workers.param.parking_pays_fence ? "" : "InOrder");
                         });

int fib(TaskContext& context, int n) {
  if (n < 2) return n;
  int first = 0;
  TaskGroup group(context);
  group.spawn([&first, n](TaskContext& inner) { first = fib(inner, n - 1); }, ClassId(1));
  const int second = fib(context, n - 2);
  group.wait();
  return first + second;
}

TEST_P(TaskGroupTest, WaitsForGroupsWithinGroupsAndCountsEveryTaskOnce) {
  int result = 0;
  EXPECT_EQ(run([&](TaskContext& context) { result = fib(context, 20); }), "");
  EXPECT_EQ(result, 6765);
  const SpawnCounts counts = executor_->spawn_counts();
  EXPECT_EQ(counts.started, 10945U);  // fib is called with more than 1 so often
  EXPECT_EQ(counts.finished, counts.started);
  EXPECT_EQ(counts.failed, 0U);
}

TEST_P(TaskGroupTest, ThrowsTheFirstExceptionOnceAndCountsTheOthers) {
  EXPECT_EQ(run([&](TaskContext& context) {
              TaskGroup group(context);
              std::atomic<int> ran{0};
              for (int i = 0; i < 10; ++i) {
                group.spawn([&ran, i](TaskContext&) {
                  ran.fetch_add(1);
                  if (i % 2 == 0) throw std::out_of_range("bad luck");
                });
              }
              EXPECT_THROW(group.wait(), std::out_of_range);
              EXPECT_EQ(ran.load(), 10);
              EXPECT_EQ(group.failed_count(), 5U);
              group.wait();
              group.spawn([](TaskContext&) { throw std::logic_error("again"); });
              EXPECT_THROW(group.wait(), std::logic_error);
              EXPECT_EQ(group.failed_count(), 6U);
            }),
            "");
  EXPECT_EQ(executor_->spawn_counts().failed, 6U);
  EXPECT_EQ(reported_.load(), 0);
}

TEST_P(TaskGroupTest, AnExceptionThatIsNotCaughtFailsTheTaskThatWaits) {
  EXPECT_EQ(run([&](TaskContext& context) {
              TaskGroup group(context);
              group.spawn([](TaskContext&) { throw std::runtime_error("bad luck"); });
              group.wait();
            }),
            "std::runtime_error: bad luck");
}

TEST_P(TaskGroupTest, WaitsBeforeItsLifeEndsAlsoWhenAnExceptionEndsIt) {
  std::atomic<int> ran{0};
  EXPECT_EQ(run([&](TaskContext& context) {
              int on_this_stack = 0;
              TaskGroup group(context);
              for (int i = 0; i < 50; ++i) {
                group.spawn([&](TaskContext&) { ran.fetch_add(1 + 0 * on_this_stack); });
              }
              throw std::runtime_error("out of here");
            }),
            "std::runtime_error: out of here");
  EXPECT_EQ(ran.load(), 50);
}

TEST_P(TaskGroupTest, DropsWhatHasNotStartedWhenCancelledAndEndsItsLife) {
  EXPECT_EQ(run([&](TaskContext& context) {
              TaskGroup group(context);
              const auto held = std::make_shared<int>(0);
              group.cancel();
              for (int i = 0; i < 100; ++i) group.spawn([held](TaskContext&) { ++*held; });
              group.wait();
              EXPECT_EQ(*held, 0);
              EXPECT_EQ(held.use_count(), 1);
              EXPECT_FALSE(group.is_cancelled());
              group.spawn([held](TaskContext&) { ++*held; });
              group.wait();
              EXPECT_EQ(*held, 1);
            }),
            "");
  EXPECT_EQ(executor_->spawn_counts().finished, 101U);
}

TEST_P(TaskGroupTest, CanBeCancelledByOneOfItsTasks) {
  std::atomic<int> ran{0};
  EXPECT_EQ(run([&](TaskContext& context) {
              TaskGroup group(context);
              for (int i = 0; i < 5000; ++i) {
                group.spawn([&](TaskContext&) {
                  ran.fetch_add(1);
                  group.cancel();
                });
              }
              group.wait();
            }),
            "");
  EXPECT_LE(ran.load(), 5000);
  EXPECT_GE(ran.load(), 1);
  EXPECT_EQ(executor_->spawn_counts().finished, 5000U);
}

// Every task of the group spawns two more into it, wherever it runs.
void grow(TaskGroup& group, int levels, std::atomic<int>& ran) {
  ran.fetch_add(1);
  if (levels == 0) return;
  for (int i = 0; i < 2; ++i) {
    group.spawn([&group, levels, &ran](TaskContext&) { grow(group, levels - 1, ran); });
  }
}

TEST_P(TaskGroupTest, WaitsForWhatItsTasksSpawnIntoItFromAnyWorker) {
  EXPECT_EQ(run([&](TaskContext& context) {
              for (int round = 0; round < 20; ++round) {
                std::atomic<int> ran{0};
                TaskGroup group(context);
                grow(group, 9, ran);
                group.wait();
                EXPECT_EQ(ran.load(), 1023);
              }
            }),
            "");
}

TEST_P(TaskGroupTest, ManyTasksWaitForGroupsOfTheirOwnAtATime) {
  std::atomic<int> sum{0};
  std::vector<Body> bodies;
  for (int i = 0; i < 40; ++i) {
    bodies.push_back([&](TaskContext& context) { sum.fetch_add(fib(context, 12)); });
  }
  for (const TaskEnd& end : run_tasks(bodies)) EXPECT_EQ(end.status, TaskStatus::kDone);
  EXPECT_EQ(sum.load(), 40 * 144);
}

// Whoever is free runs the group's tasks, and the owner looks on or sleeps when the last one ends.
TEST_P(TaskGroupTest, LosesNoWakeUpOfAnOwnerThatWaits) {
  EXPECT_EQ(run([&](TaskContext& context) {
              for (int round = 0; round < 300; ++round) {
                std::atomic<int> ran{0};
                TaskGroup group(context);
                for (int i = 0; i < 1 + round % 3; ++i) {
                  group.spawn([&ran, round](TaskContext&) {
                    // Longer than the owner looks on, at times.
                    for (int spent = 0; spent < (round % 5) * 3000; ++spent) ran.load();
                    ran.fetch_add(1);
                  });
                }
                group.wait();
                ASSERT_EQ(ran.load(), 1 + round % 3);
              }
            }),
            "");
}

// Each of the plain tasks waits for a group of its own, with much on its stack: a worker that took
// all of them on top of each other while its group runs elsewhere would have no stack left.
TEST_P(TaskGroupTest, TakesOlderTasksOnTopOnlyWhileThereIsStack) {
  constexpr std::size_t kBytesOfEach = 128 * 1024;
  constexpr int kTasks = 400;
  std::atomic<int> waiting{0}, ran{0};
  EXPECT_EQ(run([&](TaskContext& context) {
              for (int i = 0; i < kTasks; ++i) {
                context.spawn(
                    [&](TaskContext& inner) {
                      volatile char bytes[kBytesOfEach];
                      for (std::size_t k = 0; k < kBytesOfEach; k += 1024) bytes[k] = 1;
                      TaskGroup group(inner);
                      waiting.fetch_add(1);
                      group.spawn([&](TaskContext&) { ran.fetch_add(bytes[0]); });
                      std::this_thread::yield();  // A thief may come.
                      group.wait();
                    },
                    ClassId(0));
              }
            }),
            "");
  while (executor_->spawn_counts().finished < 2 * kTasks) std::this_thread::yield();
  EXPECT_EQ(ran.load(), kTasks);
}

// The younger group is made while tasks of the older one wait, and spawns when they have gone.
TEST_P(TaskGroupTest, RunsOnAUsedUpStackWhatItSpawnsAfterAnOlderGroupHasEnded) {
  constexpr std::size_t kMoreThanHalf = 5 * 1024 * 1024;  // of 8 MiB
  std::atomic<int> ran{0};
  EXPECT_EQ(run([&](TaskContext& context) {
              volatile char bytes[kMoreThanHalf];
              for (std::size_t k = 0; k < kMoreThanHalf; k += 1024) bytes[k] = 1;
              const auto count = [&](TaskContext&) { ran.fetch_add(bytes[0]); };
              TaskGroup older(context);
              older.spawn(count);
              older.spawn(count);
              TaskGroup younger(context);
              older.wait();
              younger.spawn(count);
              younger.wait();
            }),
            "");
  EXPECT_EQ(ran.load(), 3);
}

TEST_P(TaskGroupTest, RunsMoreTasksThanADequeHolds) {
  constexpr int kTasks = 3 * static_cast<int>(WorkerDeque::kMostTasks);
  std::atomic<int> ran{0};
  EXPECT_EQ(run([&](TaskContext& context) {
              TaskGroup group(context);
              for (int i = 0; i < kTasks; ++i) {
                group.spawn([&](TaskContext&) { ran.fetch_add(1, std::memory_order_relaxed); });
              }
              group.wait();
            }),
            "");
  EXPECT_EQ(ran.load(), kTasks);
  EXPECT_EQ(executor_->spawn_counts().finished, static_cast<std::uint64_t>(kTasks));
}

TEST_P(TaskGroupTest, RefusesThreadsThatAreNoWorkers) {
  EXPECT_EQ(run([&](TaskContext& context) {
              TaskGroup group(context);
              std::thread([&] {
                EXPECT_THROW(group.spawn([](TaskContext&) {}), std::logic_error);
              }).join();
            }),
            "");
}

TEST(TaskGroup, RefusesImmediateTasks) {
  TestClock clock;
  KindTable kinds;
  bool refused = false;
  const KindId kind = kinds.add("now",
                                [&](TaskContext& context, const Payload&, Bytes&) {
                                  EXPECT_THROW(TaskGroup{context}, std::logic_error);
                                  refused = true;
                                },
                                {.immediate = true});
  ThreadExecutor executor(kinds, clock, {.worker_count = 1});
  std::vector<Task> tasks;
  tasks.push_back(make_task(kind, 0));
  executor.enqueue(std::move(tasks), clock.now());
  EXPECT_TRUE(refused);
}

// The worker leaves its task only when what it spawned has ended, though the executor ends.
TEST(TaskGroup, EndsWhatItHasSpawnedWhenTheExecutorEnds) {
  TestClock clock;
  KindTable kinds;
  std::binary_semaphore entered{0};
  std::atomic<bool> ends{false};
  std::atomic<int> ran{0};
  const KindId kind = kinds.add("waits", [&](TaskContext& context, const Payload&, Bytes&) {
    TaskGroup group(context);
    for (int i = 0; i < 100; ++i) group.spawn([&](TaskContext&) { ran.fetch_add(1); });
    entered.release();
    while (!ends.load()) std::this_thread::yield();
    group.wait();
  });
  {
    ThreadExecutor executor(kinds, clock, {.worker_count = 2});
    std::vector<Task> tasks;
    tasks.push_back(make_task(kind, 0));
    executor.enqueue(std::move(tasks), clock.now());
    entered.acquire();
    ends.store(true);
  }
  EXPECT_EQ(ran.load(), 100);
}

}  // namespace
}  // namespace weir
