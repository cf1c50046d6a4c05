#include "runtime/exec/thread_executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <semaphore>
#include <stdexcept>

#include "runtime/exec/failed_attempt.hpp"
#include "tests/runtime/exec/executor_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// A task that runs until the test lets it go.
struct Gate {
  std::binary_semaphore entered{0};
  std::binary_semaphore open{0};
  void pass() {
    entered.release();
    open.acquire();
  }
};

class ThreadExecutorTest : public testing::Test {
 protected:
  ThreadExecutor& start(ThreadExecutorOptions options) {
    options.notify = [this] { bell_.release(); };
    executor_ = std::make_unique<ThreadExecutor>(kinds_, clock_, std::move(options));
    return *executor_;
  }
  // Sleeps on the bell until as many tasks have ended.
  std::vector<TaskEnd> wait_for_ends(std::size_t count) {
    std::vector<TaskEnd> ends;
    for (;;) {
      executor_->take_ended(clock_.now(), ends);
      if (ends.size() >= count) return ends;
      bell_.acquire();
    }
  }
  void enqueue(Task task) {
    std::vector<Task> tasks;
    tasks.push_back(std::move(task));
    executor_->enqueue(std::move(tasks), clock_.now());
  }
  KindId add_recorder() {
    return kinds_.add("record", [this](TaskContext&, const Payload& payload, Bytes&) {
      order_.push_back(number_in(payload));
    });
  }
  KindId add_gate() {
    return kinds_.add("gate", [this](TaskContext&, const Payload&, Bytes&) { gate_.pass(); });
  }

  TestClock clock_;
  KindTable kinds_;
  std::counting_semaphore<> bell_{0};
  Gate gate_;
  std::vector<std::uint64_t> order_;  // written by one worker at a time
  std::unique_ptr<ThreadExecutor> executor_;
};

TEST_F(ThreadExecutorTest, IsSuppliedWhileEndsComeDenselyAndEveryWorkerHasMoreToDo) {
  const KindId gate = add_gate();
  start({.worker_count = 1, .notify_within = [](Duration) {}});
  for (std::uint64_t id = 0; id < 4; ++id) enqueue(make_task(gate, id));
  std::vector<TaskEnd> ends;
  const auto take_next_end = [&](Instant now) {
    gate_.entered.acquire();
    gate_.open.release();
    const std::size_t before = ends.size();
    while (ends.size() == before) executor_->take_ended(now, ends);
  };
  take_next_end(Instant(1s));
  EXPECT_FALSE(executor_->is_supplied());
  take_next_end(Instant(1001ms));
  EXPECT_TRUE(executor_->is_supplied());
  EXPECT_EQ(executor_->next_end(), Instant(1001ms) + kEndTick);
  take_next_end(Instant(1002ms));  // No task waits any more.
  EXPECT_FALSE(executor_->is_supplied());
  EXPECT_EQ(executor_->next_end(), kNever);
  take_next_end(Instant(1003ms));
}

TEST_F(ThreadExecutorTest, CallsAtOnceOnlyWhenNoTaskWaitsBehindAnEnd) {
  std::atomic<int> may_wait = 0;
  const KindId gate = add_gate();
  start({.worker_count = 1, .notify_within = [&may_wait](Duration) { ++may_wait; }});
  for (std::uint64_t id = 0; id < 3; ++id) enqueue(make_task(gate, id));
  for (int i = 0; i < 3; ++i) {
    gate_.entered.acquire();
    EXPECT_EQ(may_wait, i == 0 ? 0 : 1);
    EXPECT_EQ(bell_.try_acquire(), i == 2);
    gate_.open.release();
  }
  EXPECT_EQ(wait_for_ends(3).size(), 3U);
}

TEST_F(ThreadExecutorTest, ReturnsResultsWithTheTasksIdentity) {
  const KindId twice = kinds_.add("twice", [](TaskContext&, const Payload& payload, Bytes& result) {
    ByteWriter(result).number(2 * number_in(payload));
  });
  start({.worker_count = 2});
  Task task = make_task(twice, 21);
  task.header.attempt = 3;
  task.header.home = RankId(5);
  task.header.task_class = ClassId(4);
  enqueue(std::move(task));
  const auto ends = wait_for_ends(1);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].id, TaskId(21));
  EXPECT_EQ(ends[0].attempt, 3U);
  EXPECT_EQ(ends[0].home, RankId(5));
  EXPECT_EQ(ends[0].task_class, ClassId(4));
  EXPECT_EQ(ends[0].status, TaskStatus::kDone);
  EXPECT_GE(ends[0].waited, Duration::zero());
  EXPECT_GE(ends[0].service, Duration::zero());
  EXPECT_EQ(ByteReader(ends[0].result).number<std::uint64_t>(), 42U);
}

TEST_F(ThreadExecutorTest, RunsByPriorityThenInOrderOfArrival) {
  const KindId gate = add_gate();
  const KindId record = add_recorder();
  start({.worker_count = 1});
  enqueue(make_task(gate, 100));
  gate_.entered.acquire();
  std::vector<Task> tasks;
  for (std::uint64_t id = 0; id < 6; ++id) {
    tasks.push_back(make_task(record, id));
    tasks.back().header.task_class = ClassId(static_cast<std::uint8_t>(id % 3));
    tasks.back().header.priority = id >= 4 ? 7 : 0;
  }
  executor_->enqueue(std::move(tasks), clock_.now());
  gate_.open.release();
  wait_for_ends(7);
  EXPECT_EQ(order_, (std::vector<std::uint64_t>{4, 5, 0, 1, 2, 3}));
}

TEST_F(ThreadExecutorTest, TurnsExceptionsIntoFailedAttemptsThatNameTheType) {
  const KindId throws = kinds_.add("throws", [](TaskContext&, const Payload& payload, Bytes& out) {
    ByteWriter(out).number(1);  // What was written before the exception does not come through.
    if (number_in(payload) == 0) throw std::out_of_range("no such window");
    throw 17;
  });
  start({.worker_count = 1});
  enqueue(make_task(throws, 0));
  enqueue(make_task(throws, 1));
  enqueue(make_task(KindId(99), 2));
  const auto ends = wait_for_ends(3);
  std::map<std::uint64_t, std::string> texts;
  for (const TaskEnd& end : ends) {
    EXPECT_EQ(end.status, TaskStatus::kFailed);
    texts[end.id.value()] = text_of(end.result);
  }
  EXPECT_EQ(texts[0], "std::out_of_range: no such window");
  EXPECT_EQ(texts[1], "int");
  EXPECT_EQ(texts[2], "unknown task kind 99");
}

TEST_F(ThreadExecutorTest, HandsOverWhatAFailedAttemptBrings) {
  const KindId fails = kinds_.add("fails", [](TaskContext&, const Payload&, Bytes&) {
    Bytes result;
    ByteWriter(result).raw("printed\0before", 14);
    throw FailedAttempt(std::move(result));
  });
  start({.worker_count = 1});
  enqueue(make_task(fails, 0));
  const TaskEnd end = wait_for_ends(1).front();
  EXPECT_EQ(end.status, TaskStatus::kFailed);
  EXPECT_EQ(text_of(end.result), std::string("printed\0before", 14));
}

TEST_F(ThreadExecutorTest, TakesBackOnlyWhatWaitsAndMayMove) {
  const KindId gate = add_gate();
  const KindId record = add_recorder();
  start({.worker_count = 1});
  enqueue(make_task(gate, 100));
  gate_.entered.acquire();
  std::vector<Task> tasks;
  for (std::uint64_t id = 0; id < 5; ++id) tasks.push_back(make_task(record, id));
  tasks[1].header.flags = kPinned;
  tasks[3].header.flags = kHandedOver;
  executor_->enqueue(std::move(tasks), clock_.now());

  EXPECT_EQ(executor_->load(clock_.now()).queued, 5U);
  const std::vector<Task> back = executor_->take_back(2);
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].header.id, TaskId(2));
  EXPECT_EQ(back[1].header.id, TaskId(4));
  EXPECT_EQ(number_in(back[1].payload), 4U);
  EXPECT_EQ(executor_->take_back(100).size(), 1U);
  EXPECT_TRUE(executor_->take_back(100).empty());

  gate_.open.release();
  wait_for_ends(3);
  EXPECT_EQ(order_, (std::vector<std::uint64_t>{1, 3}));
}

TEST_F(ThreadExecutorTest, RunsImmediateKindsInsideEnqueueAheadOfEverything) {
  const KindId gate = add_gate();
  const auto control_thread = std::this_thread::get_id();
  std::thread::id ran_on;
  WorkerId ran_as{7};
  const KindId now = kinds_.add("now",
                                [&](TaskContext& context, const Payload&, Bytes& result) {
                                  ran_on = std::this_thread::get_id();
                                  ran_as = context.worker();
                                  ByteWriter(result).number(std::uint8_t{9});
                                },
                                {.immediate = true});
  start({.worker_count = 1});
  EXPECT_EQ(executor_->next_end(), kNever);
  enqueue(make_task(gate, 0));
  gate_.entered.acquire();
  std::vector<Task> tasks;
  tasks.push_back(make_task(gate, 1));
  tasks.push_back(make_task(now, 2));
  executor_->enqueue(std::move(tasks), clock_.now());

  EXPECT_EQ(ran_on, control_thread);
  EXPECT_EQ(ran_as, kNoWorker);
  EXPECT_LE(executor_->next_end(), clock_.now());
  std::vector<TaskEnd> ends;
  executor_->take_ended(clock_.now(), ends);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].id, TaskId(2));
  EXPECT_EQ(ends[0].result.size(), 1U);
  EXPECT_EQ(executor_->next_end(), kNever);
  EXPECT_EQ(executor_->load(clock_.now()).queued, 1U);
  gate_.open.release();
  gate_.entered.acquire();
  gate_.open.release();
  wait_for_ends(2);
}

TEST_F(ThreadExecutorTest, ReportsLoadPerClassAndBusyTimeOfTheRunningTask) {
  const KindId gate = add_gate();
  start({.worker_count = 1});
  Task running = make_task(gate, 0);
  running.header.task_class = ClassId(3);
  enqueue(std::move(running));
  gate_.entered.acquire();
  Task waiting = make_task(gate, 1);
  waiting.header.task_class = ClassId(5);
  enqueue(std::move(waiting));

  const ExecutorLoad first = executor_->load(clock_.now());
  EXPECT_EQ(first.running, 1U);
  EXPECT_EQ(first.queued, 1U);
  EXPECT_EQ(first.classes[3].running, 1U);
  EXPECT_EQ(first.classes[5].queued, 1U);
  const Instant later = clock_.now() + std::chrono::milliseconds(1);
  while (clock_.now() < later) {
  }
  EXPECT_GE(executor_->load(clock_.now()).busy, first.busy + std::chrono::milliseconds(1));

  gate_.open.release();
  gate_.entered.acquire();
  gate_.open.release();
  const auto ends = wait_for_ends(2);
  const ExecutorLoad idle = executor_->load(clock_.now());
  EXPECT_EQ(idle.running, 0U);
  EXPECT_EQ(idle.queued, 0U);
  EXPECT_EQ(idle.busy, ends[0].service + ends[1].service);
}

TEST_F(ThreadExecutorTest, RunsSpawnedTasksNewestFirstBeforeQueuedOnes) {
  const KindId record = add_recorder();
  const KindId spawns = kinds_.add("spawns", [&](TaskContext& context, const Payload&, Bytes&) {
    for (std::uint64_t i = 0; i < 3; ++i) {
      context.spawn([this, i](TaskContext&) { order_.push_back(10 + i); }, ClassId(1));
    }
    Bytes argument;
    ByteWriter(argument).number(std::uint64_t{13});
    context.spawn(record, Payload(std::move(argument)), ClassId(1));
  });
  start({.worker_count = 1});
  std::vector<Task> tasks;
  tasks.push_back(make_task(spawns, 0));
  tasks.push_back(make_task(record, 1));
  executor_->enqueue(std::move(tasks), clock_.now());
  EXPECT_EQ(wait_for_ends(2).size(), 2U);
  EXPECT_EQ(order_, (std::vector<std::uint64_t>{13, 12, 11, 10, 1}));
  EXPECT_EQ(executor_->spawn_counts().started, 4U);
  EXPECT_EQ(executor_->spawn_counts().finished, 4U);
}

// Worker 0 and 1 each hold a spawned task that nobody has taken; worker 2 steals.
TEST_F(ThreadExecutorTest, StealsTheOldestTaskOfTheNearestWorkerFirst) {
  std::binary_semaphore filled[2] = {std::binary_semaphore(0), std::binary_semaphore(0)};
  std::binary_semaphore release_owners[2] = {std::binary_semaphore(0), std::binary_semaphore(0)};
  std::binary_semaphore thief_may_go{0};
  std::counting_semaphore<> stolen{0};
  std::mutex mutex;
  std::vector<std::string> by_thief;
  const KindId owner = kinds_.add("owner", [&](TaskContext& context, const Payload&, Bytes&) {
    const int worker = context.worker().value();
    if (worker == 2) {  // The thief holds still until both deques are full.
      thief_may_go.acquire();
      return;
    }
    for (int i = 0; i < 2; ++i) {
      const std::string name = std::to_string(worker) + (i == 0 ? "-old" : "-new");
      context.spawn(
          [&, name](TaskContext& running) {
            const std::lock_guard lock(mutex);
            if (running.worker() == WorkerId(2)) by_thief.push_back(name);
            stolen.release();
          },
          ClassId(0));
    }
    filled[worker].release();
    release_owners[worker].acquire();
  });
  start({.worker_count = 3, .steal_order = {{}, {}, {1, 0}}});
  std::vector<Task> tasks;
  for (std::uint64_t id = 0; id < 3; ++id) tasks.push_back(make_task(owner, id));
  executor_->enqueue(std::move(tasks), clock_.now());
  filled[0].acquire();
  filled[1].acquire();
  thief_may_go.release();
  for (int i = 0; i < 4; ++i) stolen.acquire();
  for (auto& one : release_owners) one.release();
  wait_for_ends(3);
  EXPECT_EQ(by_thief, (std::vector<std::string>{"1-old", "1-new", "0-old", "0-new"}));
}

TEST_F(ThreadExecutorTest, CountsAndReportsSpawnedTasksThatThrowAndGoesOn) {
  std::mutex mutex;
  std::vector<std::string> errors;
  const KindId spawns = kinds_.add("spawns", [&](TaskContext& context, const Payload&, Bytes&) {
    context.spawn([](TaskContext&) { throw std::runtime_error("bad luck"); }, ClassId(2));
    context.spawn([](TaskContext&) {}, ClassId(2));
  });
  start({.worker_count = 2, .on_spawn_error = [&](ClassId task_class, const std::string& text) {
           const std::lock_guard lock(mutex);
           errors.push_back(std::to_string(task_class.value()) + " " + text);
         }});
  enqueue(make_task(spawns, 0));
  wait_for_ends(1);
  while (executor_->spawn_counts().finished < 2) std::this_thread::yield();
  EXPECT_EQ(executor_->spawn_counts().failed, 1U);
  executor_.reset();
  EXPECT_EQ(errors, (std::vector<std::string>{"2 std::runtime_error: bad luck"}));
}

TEST_F(ThreadExecutorTest, RunsASpawnedTaskAtOnceWhenTheDequeIsFull) {
  constexpr std::uint64_t kMore = 10;
  std::uint64_t ran_inside = 0, ran = 0;
  const KindId spawns = kinds_.add("spawns", [&](TaskContext& context, const Payload&, Bytes&) {
    for (std::uint64_t i = 0; i < WorkerDeque::kMostTasks + kMore; ++i) {
      context.spawn([&ran](TaskContext&) { ++ran; }, ClassId(0));
    }
    ran_inside = ran;
  });
  const KindId last = kinds_.add("last", [](TaskContext&, const Payload&, Bytes&) {});
  start({.worker_count = 1});
  enqueue(make_task(spawns, 0));
  enqueue(make_task(last, 1));
  wait_for_ends(2);
  EXPECT_EQ(ran_inside, kMore);
  EXPECT_EQ(ran, WorkerDeque::kMostTasks + kMore);
}

TEST_F(ThreadExecutorTest, StartsEveryWorkerOnItsOwnThread) {
  std::mutex mutex;
  std::map<int, std::thread::id> threads;
  std::counting_semaphore<> started{0};
  start({.worker_count = 3, .on_worker_start = [&](WorkerId worker) {
           const std::lock_guard lock(mutex);
           threads[worker.value()] = std::this_thread::get_id();
           started.release();
         }});
  for (int i = 0; i < 3; ++i) started.acquire();
  ASSERT_EQ(threads.size(), 3U);
  EXPECT_NE(threads[0], threads[1]);
  EXPECT_NE(threads[1], threads[2]);
}

TEST_F(ThreadExecutorTest, FinishesTheRunningTaskWhenDestroyed) {
  const KindId gate = kinds_.add("gate", [this](TaskContext&, const Payload& payload, Bytes&) {
    if (number_in(payload) == 0) gate_.pass();
    order_.push_back(number_in(payload));
  });
  start({.worker_count = 1});
  enqueue(make_task(gate, 0));
  gate_.entered.acquire();
  for (std::uint64_t id = 1; id < 100; ++id) enqueue(make_task(gate, id));
  std::thread opener([this] { gate_.open.release(); });
  executor_.reset();
  opener.join();
  // Depending on who was faster, some of the others ran too; each at most once and in order.
  ASSERT_GE(order_.size(), 1U);
  for (std::size_t i = 0; i < order_.size(); ++i) EXPECT_EQ(order_[i], i);
}

TEST_F(ThreadExecutorTest, ServesTheOrderItIsToldTo) {
  const KindId gate = add_gate();
  const KindId record = add_recorder();
  start({.worker_count = 1, .queue = {.order = QueueOrder::kShortestFirst}});
  enqueue(make_task(gate, 0));
  gate_.entered.acquire();
  for (std::uint64_t id = 1; id <= 3; ++id) {
    Task task = make_task(record, id);
    task.header.cost_hint = std::chrono::milliseconds(10 - id);
    enqueue(std::move(task));
  }
  gate_.open.release();
  wait_for_ends(4);
  EXPECT_EQ(order_, (std::vector<std::uint64_t>{3, 2, 1}));
}

TEST_F(ThreadExecutorTest, ServesEachClassInTheOrderOfItsOwn) {
  const KindId gate = add_gate();
  const KindId record = add_recorder();
  QueueOptions queue;
  queue.class_orders[1] = QueueOrder::kShortestFirst;
  start({.worker_count = 1, .queue = queue});
  enqueue(make_task(gate, 0));
  gate_.entered.acquire();
  for (std::uint64_t id = 1; id <= 4; ++id) {
    Task task = make_task(record, id);
    task.header.task_class = ClassId(id <= 2 ? 1 : 0);
    task.header.cost_hint = std::chrono::milliseconds(10 - id);
    enqueue(std::move(task));
  }
  gate_.open.release();
  wait_for_ends(5);
  EXPECT_EQ(order_, (std::vector<std::uint64_t>{2, 1, 3, 4}));
}

TEST_F(ThreadExecutorTest, DropsTasksThatComeTooLateForTheirDeadlines) {
  const KindId record = add_recorder();
  start({.worker_count = 1, .queue = {.drop_late = true}});
  Task late = make_task(record, 1);
  late.header.deadline = clock_.now() - std::chrono::milliseconds(1);
  late.header.home = RankId(2);
  Task in_time = make_task(record, 2);
  in_time.header.deadline = clock_.now() + std::chrono::hours(1);
  enqueue(std::move(late));
  enqueue(std::move(in_time));
  const auto ends = wait_for_ends(2);
  ASSERT_EQ(ends.size(), 2U);
  EXPECT_EQ(ends[0].status, TaskStatus::kDropped);
  EXPECT_EQ(ends[0].home, RankId(2));
  EXPECT_EQ(ends[1].status, TaskStatus::kDone);
  EXPECT_EQ(order_, std::vector<std::uint64_t>{2});
}

TEST(ThreadExecutorDeathTest, RefusesAStealOrderThatNamesTheThiefItself) {
  const KindTable kinds;
  const TestClock clock;
  EXPECT_DEATH(ThreadExecutor(kinds, clock, {.worker_count = 2, .steal_order = {{0}, {0}}}),
               "not another one");
}

}  // namespace
}  // namespace weir
