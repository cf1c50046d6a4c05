#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

#include "runtime/base/random.hpp"
#include "runtime/exec/emulated_executor.hpp"
#include "runtime/exec/thread_executor.hpp"
#include "tests/runtime/exec/executor_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr ClassId kFirst(0);
constexpr ClassId kSecond(1);

Instant at(Duration since_start) { return Instant(since_start); }

ClassLimits limits_of(ClassLimit first, ClassLimit second = {}) {
  ClassLimits limits{};
  limits[0] = first;
  limits[1] = second;
  return limits;
}

std::vector<Task> tasks(std::uint64_t first, std::uint64_t count, ClassId task_class) {
  std::vector<Task> made(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    made[i].header.id = TaskId(first + i);
    made[i].header.task_class = task_class;
  }
  return made;
}

std::vector<std::uint64_t> ends_until(Executor& executor, Instant now) {
  std::vector<TaskEnd> ends;
  executor.take_ended(now, ends);
  std::vector<std::uint64_t> ids;
  for (const TaskEnd& end : ends) ids.push_back(end.id.value());
  return ids;
}

using Ids = std::vector<std::uint64_t>;

// The two executors that emulate: services are fixed at the start, or may change.
class EmulatedLimits : public testing::TestWithParam<const char*> {
 protected:
  static std::unique_ptr<Executor> make(const std::string& nodes, const QueueOptions& queue = {}) {
    const std::string spec =
        "nodes=" + nodes +
        ";work_ms=10;size=deterministic;interference_beta=1;interference_classes=9;"
        "interference_model=" +
        GetParam();
    return make_emulated_executor(ServiceModel(EmulationSpec::parse(spec), 0, 31), queue).executor;
  }
};
INSTANTIATE_TEST_SUITE_P(Models, EmulatedLimits, testing::Values("at_start", "continuous"));

TEST_P(EmulatedLimits, AFreeWorkerPassesOverAClassAtItsLimit) {
  const auto executor = make("3x1");
  executor->set_class_limits(limits_of({.most = 1}), at(0ms));
  executor->enqueue(tasks(0, 3, kFirst), at(0ms));
  executor->enqueue(tasks(10, 2, kSecond), at(0ms));
  const ExecutorLoad load = executor->load(at(0ms));
  EXPECT_EQ(load.classes[0].running, 1U);
  EXPECT_EQ(load.classes[0].queued, 2U);
  EXPECT_EQ(load.classes[1].running, 2U);
  EXPECT_EQ(ends_until(*executor, at(10ms)), (Ids{0, 10, 11}));
  EXPECT_EQ(ends_until(*executor, at(20ms)), (Ids{1}));
  EXPECT_EQ(ends_until(*executor, at(30ms)), (Ids{2}));
}

TEST_P(EmulatedLimits, AWorkerThatIdlesForALimitIsNotOnOffer) {
  const auto executor = make("4x1");
  executor->set_class_limits(limits_of({.most = 1}), at(0ms));
  executor->enqueue(tasks(0, 3, kFirst), at(0ms));
  const ExecutorCounts counts = executor->counts(at(0ms));
  EXPECT_EQ(counts.running, 1U);
  EXPECT_EQ(counts.queued, 2U) << "so only one of three idle workers is free";
}

TEST_P(EmulatedLimits, ALimitThatRisesLetsTasksStartAtOnce) {
  const auto executor = make("4x1");
  executor->set_class_limits(limits_of({.most = 1}), at(0ms));
  executor->enqueue(tasks(0, 4, kFirst), at(0ms));
  executor->set_class_limits(limits_of({.most = 3}), at(2ms));
  EXPECT_EQ(executor->load(at(2ms)).classes[0].running, 3U);
  executor->set_class_limits({}, at(4ms));
  EXPECT_EQ(executor->load(at(4ms)).classes[0].running, 4U);
  EXPECT_EQ(ends_until(*executor, at(14ms)), (Ids{0, 1, 2, 3}));
}

TEST_P(EmulatedLimits, ALimitThatFallsStopsNothingThatRuns) {
  const auto executor = make("3x1");
  executor->enqueue(tasks(0, 5, kFirst), at(0ms));
  executor->set_class_limits(limits_of({.most = 1}), at(5ms));
  EXPECT_EQ(executor->load(at(5ms)).classes[0].running, 3U);
  EXPECT_EQ(ends_until(*executor, at(10ms)), (Ids{0, 1, 2}));
  EXPECT_EQ(executor->load(at(10ms)).classes[0].running, 1U);
}

TEST_P(EmulatedLimits, ASharedWorkerGoesToTheClassBelowItsShareFirst) {
  const auto executor = make("2x1");
  executor->set_class_limits(limits_of({.share = 1}, {.share = 1}), at(0ms));
  executor->enqueue(tasks(0, 4, kFirst), at(0ms));
  EXPECT_EQ(executor->load(at(0ms)).classes[0].running, 2U) << "nobody else waits";
  executor->enqueue(tasks(10, 2, kSecond), at(1ms));
  EXPECT_EQ(ends_until(*executor, at(10ms)), (Ids{0, 1}));
  EXPECT_EQ(executor->load(at(10ms)).classes[0].running, 1U);
  EXPECT_EQ(executor->load(at(10ms)).classes[1].running, 1U);
}

TEST_P(EmulatedLimits, SaysHowManyAlikeRanWhenATaskStarted) {
  const auto executor = make("4x1");
  executor->enqueue(tasks(0, 2, kFirst), at(0ms));
  executor->enqueue(tasks(10, 1, kSecond), at(0ms));
  std::vector<TaskEnd> ends;
  executor->take_ended(at(10ms), ends);
  ASSERT_EQ(ends.size(), 3U);
  EXPECT_EQ(ends[0].running_alike, 1U);
  EXPECT_EQ(ends[1].running_alike, 2U);
  EXPECT_EQ(ends[2].running_alike, 1U);
}

TEST_P(EmulatedLimits, TellsWhatRunsSinceWhen) {
  const auto executor = make("2x1");
  executor->enqueue(tasks(0, 1, kFirst), at(1ms));
  executor->enqueue(tasks(10, 2, kSecond), at(4ms));
  std::vector<RunningTask> running;
  executor->append_running(running);
  ASSERT_EQ(running.size(), 2U);
  const std::size_t first = running[0].task_class == kFirst ? 0 : 1;
  EXPECT_EQ(running[first].started, at(1ms));
  EXPECT_EQ(running[1 - first].task_class, kSecond);
  EXPECT_EQ(running[1 - first].started, at(4ms));
}

// The plain idea: a list of what waits, sorted; a free worker takes the first that may start.
class PlainNode {
 public:
  PlainNode(QueueOrder order, std::size_t cores) : order_(order), cores_(cores) {}

  void set_limits(const ClassLimits& limits, Instant now) {
    advance(now);
    limits_ = limits;
    start(now);
  }
  void enqueue(const Task& task, Instant now) {
    advance(now);
    const TaskHeader& header = task.header;
    const std::int64_t key =
        order_ == QueueOrder::kFifo ? 0
        : order_ == QueueOrder::kShortestFirst
            ? header.cost_hint.count()
            : static_cast<std::int64_t>(header.deadline.time_since_epoch().count());
    waiting_.emplace(std::tuple(-int{header.priority}, key, next_++), header);
    start(now);
  }
  Ids take_back(std::size_t most) {
    Ids taken;
    while (!waiting_.empty() && taken.size() < most) {
      taken.push_back(std::prev(waiting_.end())->second.id.value());
      waiting_.erase(std::prev(waiting_.end()));
    }
    std::ranges::reverse(taken);
    return taken;
  }
  Ids ends_until(Instant now) {
    advance(now);
    return std::exchange(ended_, {});
  }

 private:
  void advance(Instant now) {
    while (!running_.empty() && running_.begin()->first.first <= now) {
      const Instant end = running_.begin()->first.first;
      const TaskHeader header = running_.begin()->second;
      running_.erase(running_.begin());
      --counts_[header.task_class.value()];
      ended_.push_back(header.id.value());
      start(end);
    }
  }
  void start(Instant now) {
    while (running_.size() < cores_) {
      auto next = first_below(&ClassLimit::share);
      if (next == waiting_.end()) next = first_below(&ClassLimit::most);
      if (next == waiting_.end()) return;
      ++counts_[next->second.task_class.value()];
      running_.emplace(std::pair(now + 10ms, started_++), next->second);
      waiting_.erase(next);
    }
  }
  using Waiting = std::map<std::tuple<int, std::int64_t, std::uint64_t>, TaskHeader>;
  Waiting::iterator first_below(std::uint32_t ClassLimit::*bound) {
    return std::ranges::find_if(waiting_, [&](const auto& one) {
      const std::size_t i = one.second.task_class.value();
      const std::uint32_t most = limits_[i].most;
      return (most == 0 || counts_[i] < most) &&
             (limits_[i].*bound == 0 || counts_[i] < limits_[i].*bound);
    });
  }

  QueueOrder order_;
  std::size_t cores_;
  ClassLimits limits_{};
  std::array<std::uint32_t, kMaxClasses> counts_{};
  Waiting waiting_;
  std::map<std::pair<Instant, std::uint64_t>, TaskHeader> running_;
  Ids ended_;
  std::uint64_t next_ = 0;
  std::uint64_t started_ = 0;
};

TEST_P(EmulatedLimits, AgreesWithAPlainNodeUnderRandomUse) {
  for (const QueueOrder order :
       {QueueOrder::kFifo, QueueOrder::kShortestFirst, QueueOrder::kEarliestDeadline}) {
    Random random(17 + static_cast<std::uint64_t>(order));
    const auto executor = make("5x1", {.order = order});
    PlainNode plain(order, 5);
    Duration now{0};
    for (std::uint64_t step = 0; step < 20000; ++step) {
      now += Duration(1 + static_cast<Duration::rep>(random.exponential(3e6)));
      const auto choice = random.below(100);
      if (choice < 80) {
        std::vector<Task> one = tasks(step, 1, ClassId(static_cast<std::uint8_t>(random.below(4))));
        one[0].header.priority = static_cast<std::uint8_t>(random.below(3));
        one[0].header.cost_hint = Duration(1 + random.below(20));
        one[0].header.deadline = at(now + Duration(random.below(1'000'000'000)));
        plain.enqueue(one[0], at(now));
        executor->enqueue(std::move(one), at(now));
      } else if (choice < 90) {
        ClassLimits limits{};
        for (std::size_t i = 0; i < 4; ++i) {
          limits[i] = {static_cast<std::uint32_t>(random.below(5)),
                       static_cast<std::uint32_t>(random.below(4))};
        }
        plain.set_limits(limits, at(now));
        executor->set_class_limits(limits, at(now));
      } else if (choice < 92) {
        // Both have noticed what ended by now.
        const Ids plain_ends = plain.ends_until(at(now));
        ASSERT_EQ(ends_until(*executor, at(now)), plain_ends) << "step " << step;
        Ids back;
        for (const Task& task : executor->take_back(3)) back.push_back(task.header.id.value());
        ASSERT_EQ(back, plain.take_back(3)) << "step " << step;
      } else {
        ASSERT_EQ(ends_until(*executor, at(now)), plain.ends_until(at(now))) << "step " << step;
      }
    }
  }
}

// Tasks that run until they are let go, class by class.
class ThreadLimits : public testing::Test {
 protected:
  void start(int workers) {
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
    executor_ = std::make_unique<ThreadExecutor>(kinds_, clock_,
                                                 ThreadExecutorOptions{.worker_count = workers});
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

// Tasks that do nothing, limits that change all the time: a lost wake-up would hang it.
TEST(ThreadLimitsStress, EndsEveryTaskWhileLimitsChange) {
  TestClock clock;
  KindTable kinds;
  const KindId nothing = kinds.add("nothing", [](TaskContext&, const Payload&, Bytes&) {});
  std::mutex mutex;
  std::condition_variable bell;
  bool rung = false;
  ThreadExecutor executor(kinds, clock, {.worker_count = 4, .notify = [&] {
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
