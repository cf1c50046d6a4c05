// Limits of classes where worker threads run the tasks.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "runtime/base/random.hpp"
#include "runtime/exec/thread_executor.hpp"
#include "tests/runtime/exec/executor_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr ClassId kSecond(1);

// Tasks that run until they are let go, class by class.
class ThreadLimits : public testing::Test {
 protected:
  void start(int workers, std::vector<int> domains = {}) {
    kind_ = kinds_.add("held", [this](TaskContext&, const Payload& payload, Bytes&) {
      std::unique_lock lock(mutex_);
      const std::uint64_t task_class = number_in(payload) % 10;
      ++running_[task_class];
      most_[task_class] = std::max(most_[task_class], running_[task_class]);
      changed_.notify_all();
      changed_.wait(lock, [&] { return let_go_[task_class] > 0; });
      --let_go_[task_class];
      --running_[task_class];
      ++ended_;
      changed_.notify_all();
    });
    ThreadExecutorOptions options;
    options.worker_count = workers;
    options.worker_domains = std::move(domains);
    executor_ = std::make_unique<ThreadExecutor>(kinds_, clock_, std::move(options));
  }
  // The class is the last digit of the id.
  void enqueue(std::initializer_list<std::uint64_t> ids) {
    std::vector<Task> made;
    for (const std::uint64_t id : ids) {
      made.push_back(make_task(kind_, id));
      made.back().header.task_class = ClassId(static_cast<std::uint8_t>(id % 10));
    }
    executor_->enqueue(std::move(made), clock_.now());
  }
  void let_go(int task_class, int count) {
    const std::lock_guard lock(mutex_);
    let_go_[static_cast<std::size_t>(task_class)] += count;
    changed_.notify_all();
  }
  bool wait_for_running(int first, int second) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s,
                             [&] { return running_[0] == first && running_[1] == second; });
  }
  bool wait_for_ended(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return ended_ == count; });
  }

  TestClock clock_;
  KindTable kinds_;
  KindId kind_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<int, 10> running_{};
  std::array<int, 10> most_{};
  std::array<int, 10> let_go_{};
  int ended_ = 0;
  std::unique_ptr<ThreadExecutor> executor_;
};

TEST_F(ThreadLimits, WorkersPassOverAClassAtItsLimit) {
  start(4);
  executor_->set_class_limits(limits_of({.most = 1}), clock_.now());
  enqueue({10, 20, 30, 11, 21});
  EXPECT_TRUE(wait_for_running(1, 2));
  EXPECT_EQ(executor_->counts(clock_.now()).queued, 2U);
  std::vector<RunningTask> running;
  executor_->append_running(running);
  ASSERT_EQ(running.size(), 3U);
  EXPECT_EQ(std::ranges::count(running, kSecond, &RunningTask::task_class), 2);
  for (const RunningTask& one : running) EXPECT_LE(one.started, clock_.now());
  let_go(1, 2);
  let_go(0, 3);
  EXPECT_TRUE(wait_for_ended(5));
  EXPECT_EQ(most_[0], 1);
}

TEST_F(ThreadLimits, ALimitThatRisesWakesSleepingWorkers) {
  start(4);
  executor_->set_class_limits(limits_of({.most = 1}), clock_.now());
  enqueue({10, 20, 30, 40});
  EXPECT_TRUE(wait_for_running(1, 0));
  executor_->set_class_limits(limits_of({.most = 3}), clock_.now());
  EXPECT_TRUE(wait_for_running(3, 0));
  executor_->set_class_limits({}, clock_.now());
  EXPECT_TRUE(wait_for_running(4, 0));
  let_go(0, 4);
  EXPECT_TRUE(wait_for_ended(4));
}

TEST_F(ThreadLimits, AnEndWakesASleepingWorkerForWhatWaitedForTheLimit) {
  start(2);
  executor_->set_class_limits(limits_of({.most = 1}), clock_.now());
  enqueue({10, 20});
  EXPECT_TRUE(wait_for_running(1, 0));
  // The worker that ends 10 takes 31, which is more important: the other one has to come for 20.
  std::vector<Task> important;
  important.push_back(make_task(kind_, 31));
  important.back().header.task_class = kSecond;
  important.back().header.priority = 1;
  executor_->enqueue(std::move(important), clock_.now());
  let_go(0, 1);
  EXPECT_TRUE(wait_for_running(1, 1));
  let_go(0, 1);
  let_go(1, 1);
  EXPECT_TRUE(wait_for_ended(3));
}

TEST_F(ThreadLimits, HoldInEachMemoryDomain) {
  start(6, {0, 0, 1, 1, 2, 2});
  executor_->set_class_limits(limits_of({.most = 1}), clock_.now());
  enqueue({10, 20, 30, 40, 50, 11, 21, 31});
  EXPECT_TRUE(wait_for_running(3, 3)) << "one of each domain";
  EXPECT_EQ(executor_->memory_domain_sizes(), (std::vector<int>{2, 2, 2}));
  EXPECT_EQ(executor_->load(clock_.now()).classes[0].limit, 3U);
  let_go(1, 3);
  EXPECT_TRUE(wait_for_running(3, 0));
  let_go(0, 5);
  EXPECT_TRUE(wait_for_ended(8));
  EXPECT_EQ(most_[0], 3);
}

TEST_F(ThreadLimits, OfDomainsThatAreSmallerAddUpToWhatCanRun) {
  start(5, {0, 0, 0, 0, 1});
  executor_->set_class_limits(limits_of({.most = 3}), clock_.now());
  enqueue({10, 20, 30, 40, 50, 60});
  EXPECT_TRUE(wait_for_running(4, 0));
  EXPECT_EQ(executor_->load(clock_.now()).classes[0].limit, 4U);
  let_go(0, 6);
  EXPECT_TRUE(wait_for_ended(6));
  EXPECT_EQ(most_[0], 4);
}

TEST_F(ThreadLimits, WakeWorkersOfTheDomainThatMayStartATask) {
  start(4, {0, 0, 0, 1});
  executor_->set_class_limits(limits_of({.most = 1}), clock_.now());
  for (int round = 1; round <= 200; ++round) {
    // Each time whichever domain has room, and its worker sleeps.
    enqueue({10});
    EXPECT_TRUE(wait_for_running(1, 0));
    enqueue({20});
    ASSERT_TRUE(wait_for_running(2, 0)) << "round " << round;
    let_go(0, 2);
    ASSERT_TRUE(wait_for_ended(2 * round));
  }
}

// Tasks that do nothing, limits that change all the time: a lost wake-up would hang it.
class ThreadLimitsStress : public testing::TestWithParam<std::vector<int>> {};
INSTANTIATE_TEST_SUITE_P(MemoryDomains, ThreadLimitsStress,
                         testing::Values(std::vector{0, 0, 0, 0}, std::vector{0, 1, 0, 1}));

TEST_P(ThreadLimitsStress, EndsEveryTaskWhileLimitsChange) {
  TestClock clock;
  KindTable kinds;
  const KindId nothing = kinds.add("nothing", [](TaskContext&, const Payload&, Bytes&) {});
  std::mutex mutex;
  std::condition_variable bell;
  bool rung = false;
  ThreadExecutor executor(kinds, clock,
                          {.worker_count = 4, .worker_domains = GetParam(), .notify = [&] {
                             const std::lock_guard lock(mutex);
                             rung = true;
                             bell.notify_one();
                           }});
  Random random(5);
  std::vector<TaskEnd> ends;
  constexpr std::uint64_t kRounds = 400;
  std::size_t given = 0;
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    ClassLimits limits{};
    for (std::size_t i = 0; i < 3; ++i) {
      limits[i].most = static_cast<std::uint32_t>(random.below(3));
      limits[i].binds_from = static_cast<std::uint32_t>(random.below(5));
      limits[i].share = static_cast<std::uint32_t>(random.below(3));
    }
    std::vector<Task> some;
    for (std::uint64_t i = random.below(30); i > 0; --i) {
      some.push_back(make_task(nothing, given++));
      some.back().header.task_class = ClassId(static_cast<std::uint8_t>(random.below(3)));
    }
    executor.enqueue(std::move(some), clock.now());
    executor.set_class_limits(limits, clock.now());
    if (round % 4 != 0) continue;
    while (ends.size() < given) {
      executor.take_ended(clock.now(), ends);
      if (ends.size() == given) break;
      std::unique_lock lock(mutex);
      ASSERT_TRUE(bell.wait_for(lock, 20s, [&] { return rung; })) << "round " << round;
      rung = false;
    }
  }
}

}  // namespace
}  // namespace weir
