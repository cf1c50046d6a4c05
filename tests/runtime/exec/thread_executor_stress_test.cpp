// Many threads at once. A lost wake-up or a lost task shows as a hang, a race under the thread
// sanitizer.

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <set>

#include "runtime/base/random.hpp"
#include "runtime/exec/thread_executor.hpp"
#include "tests/runtime/exec/executor_inputs.hpp"

namespace weir {
namespace {

class WorkersTest : public testing::Test {
 protected:
  ThreadExecutorOptions options(int worker_count) {
    return {.worker_count = worker_count, .notify = [this] { bell_.release(); }};
  }
  TestClock clock_;
  KindTable kinds_;
  std::counting_semaphore<> bell_{0};
};

class StressTest : public WorkersTest, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(Workers, StressTest, testing::Values(1, 2, 4),
                         [](const auto& workers) { return std::to_string(workers.param); });

// Sums lo..hi by halving; every leaf adds to `sum`.
void add_range(TaskContext& context, std::uint64_t lo, std::uint64_t hi,
               std::atomic<std::uint64_t>& sum) {
  while (hi - lo > 1) {
    const std::uint64_t middle = lo + (hi - lo) / 2;
    context.spawn([middle, hi, &sum](TaskContext& inner) { add_range(inner, middle, hi, sum); },
                  ClassId(0));
    hi = middle;
  }
  sum.fetch_add(lo, std::memory_order_relaxed);
}

TEST_P(StressTest, SpawnTreesFinishWithTheRightSum) {
  constexpr std::uint64_t kLeaves = 2000;
  constexpr std::uint64_t kTrees = 8;
  std::atomic<std::uint64_t> sum{0};
  const KindId tree = kinds_.add("tree", [&](TaskContext& context, const Payload&, Bytes&) {
    add_range(context, 0, kLeaves, sum);
  });
  ThreadExecutor executor(kinds_, clock_, options(GetParam()));
  for (std::uint64_t id = 0; id < kTrees; ++id) {
    std::vector<Task> tasks;
    tasks.push_back(make_task(tree, id));
    executor.enqueue(std::move(tasks), clock_.now());
  }
  std::vector<TaskEnd> ends;
  while (ends.size() < kTrees) {
    bell_.acquire();
    executor.take_ended(clock_.now(), ends);
  }
  // Looked at while tasks run: finished never exceeds started.
  SpawnCounts counts;
  do {
    counts = executor.spawn_counts();
    ASSERT_LE(counts.finished, counts.started);
    std::this_thread::yield();
  } while (counts.finished < kTrees * (kLeaves - 1));
  EXPECT_EQ(counts.started, kTrees * (kLeaves - 1));
  EXPECT_EQ(sum.load(), kTrees * (kLeaves * (kLeaves - 1) / 2));
}

// One task at a time, each enqueued when the one before has ended: the workers fall asleep between
// them again and again.
TEST_P(StressTest, SleepingWorkersWakeForEveryTask) {
  const KindId nothing = kinds_.add("nothing", [](TaskContext&, const Payload&, Bytes&) {});
  ThreadExecutor executor(kinds_, clock_, options(GetParam()));
  std::vector<TaskEnd> ends;
  for (std::uint64_t id = 0; id < 3000; ++id) {
    std::vector<Task> tasks;
    tasks.push_back(make_task(nothing, id));
    executor.enqueue(std::move(tasks), clock_.now());
    while (ends.size() <= id) {
      bell_.acquire();
      executor.take_ended(clock_.now(), ends);
    }
  }
  EXPECT_EQ(ends.size(), 3000U);
}

class FenceTest : public WorkersTest, public testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(Fences, FenceTest, testing::Bool(), [](const auto& pays) {
  return pays.param ? "OfTheParkingWorker" : "OfEachSpawn";
});

// Each round spawns to a sleeping thief and waits, inside the task, until the thief has run it.
TEST_P(FenceTest, SleepingThievesWakeForSpawnedTasks) {
  std::atomic<std::uint64_t> stolen{0};
  const KindId rounds = kinds_.add("rounds", [&](TaskContext& context, const Payload&, Bytes&) {
    for (std::uint64_t round = 0; round < 2000; ++round) {
      context.spawn([&stolen](TaskContext&) { stolen.fetch_add(1); }, ClassId(0));
      while (stolen.load() <= round) std::this_thread::yield();
    }
  });
  ThreadExecutorOptions two = options(2);
  two.parking_pays_fence = GetParam();
  ThreadExecutor executor(kinds_, clock_, two);
  std::vector<Task> tasks;
  tasks.push_back(make_task(rounds, 0));
  executor.enqueue(std::move(tasks), clock_.now());
  std::vector<TaskEnd> ends;
  while (ends.empty()) {
    bell_.acquire();
    executor.take_ended(clock_.now(), ends);
  }
  EXPECT_EQ(stolen.load(), 2000U);
}

TEST_P(StressTest, EveryTaskEndsOnceOrIsTakenBackOnce) {
  constexpr std::uint64_t kTasks = 20000;
  std::atomic<std::uint64_t> started{0};
  const KindId count =
      kinds_.add("count", [&](TaskContext& context, const Payload& payload, Bytes& result) {
        started.fetch_add(1, std::memory_order_relaxed);
        ByteWriter(result).number(number_in(payload));
        if (number_in(payload) % 5 == 0) context.spawn([](TaskContext&) {}, ClassId(1));
      });
  ThreadExecutor executor(kinds_, clock_, options(GetParam()));
  Random random(5);
  std::uint64_t next = 0;
  std::set<std::uint64_t> ended, taken_back;
  std::vector<TaskEnd> ends;
  Duration busy{0};
  while (ended.size() + taken_back.size() < kTasks) {
    std::vector<Task> tasks;
    for (std::uint64_t left = random.below(200); left > 0 && next < kTasks; --left) {
      tasks.push_back(make_task(count, next++));
      tasks.back().header.task_class = ClassId(static_cast<std::uint8_t>(random.below(3)));
      tasks.back().header.flags = next % 7 == 0 ? std::uint16_t{kPinned} : std::uint16_t{0};
    }
    executor.enqueue(std::move(tasks), clock_.now());
    for (const Task& task : executor.take_back(random.below(20))) {
      ASSERT_EQ(task.header.flags, 0);
      ASSERT_TRUE(taken_back.insert(task.header.id.value()).second);
    }
    const ExecutorLoad load = executor.load(clock_.now());
    ASSERT_LE(load.queued + load.running, next + static_cast<std::uint64_t>(GetParam()));
    ASSERT_GE(load.busy, busy);
    busy = load.busy;
    ends.clear();
    executor.take_ended(clock_.now(), ends);
    for (const TaskEnd& end : ends) {
      ASSERT_EQ(ByteReader(end.result).number<std::uint64_t>(), end.id.value());
      ASSERT_TRUE(ended.insert(end.id.value()).second);
    }
  }
  EXPECT_EQ(started.load(), ended.size());
  for (const std::uint64_t id : taken_back) ASSERT_FALSE(ended.contains(id));
  EXPECT_EQ(executor.load(clock_.now()).queued, 0U);
}

}  // namespace
}  // namespace weir
