#include "runtime/exec/continuous_executor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>

#include "runtime/base/random.hpp"
#include "runtime/exec/emulated_executor.hpp"
#include "runtime/exec/timer_executor.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 31;

ServiceModel model_of(const std::string& spec, std::uint64_t seed = kSeed) {
  return {EmulationSpec::parse(spec), 0, seed};
}

Instant at(Duration since_start) { return Instant(since_start); }

Task task_of(std::uint64_t id, std::uint8_t task_class) {
  Task task;
  task.header.id = TaskId(id);
  task.header.task_class = ClassId(task_class);
  return task;
}

void add(Executor& executor, std::uint64_t id, std::uint8_t task_class, Instant now) {
  std::vector<Task> one;
  one.push_back(task_of(id, task_class));
  executor.enqueue(std::move(one), now);
}

// Ids, and how long each was served; driven from one announced change to the next.
std::map<std::uint64_t, Duration> serve_all(Executor& executor) {
  std::map<std::uint64_t, Duration> services;
  std::vector<TaskEnd> ends;
  while (executor.next_end() != kNever) executor.take_ended(executor.next_end(), ends);
  for (const TaskEnd& end : ends) services[end.id.value()] = end.service;
  return services;
}

// Of four cores, hungry tasks may use two without harm; each further one slows all by one half.
constexpr const char* kHungry =
    "nodes=4x1;work_ms=12;size=deterministic;interference_beta=1;interference_classes=1;"
    "interference_share=0.5;interference_model=continuous";

TEST(ContinuousExecutor, SlowsNobodyInAnotherMemoryDomain) {
  // Of each half one hungry task does no harm. Tasks go to the half with more free cores.
  ContinuousExecutor executor(model_of(std::string(kHungry) + ";memory_domains=2"));
  add(executor, 0, 1, at(0ms));
  add(executor, 1, 1, at(0ms));
  add(executor, 2, 1, at(6ms));  // Beside the first: each of the two takes twice as long from here.
  const auto services = serve_all(executor);
  EXPECT_NEAR(to_milliseconds(services.at(0)), 18, 1e-5);
  EXPECT_EQ(services.at(1), 12ms);
  EXPECT_NEAR(to_milliseconds(services.at(2)), 18, 1e-5);
}

TEST(ContinuousExecutor, SlowsRunningTasksWhileTooManyHungryOnesRun) {
  ContinuousExecutor executor(model_of(kHungry));
  for (std::uint64_t id = 0; id < 2; ++id) add(executor, id, 1, at(0ms));
  add(executor, 9, 0, at(0ms));
  // The third makes each take 1.5 times as long, from half of the first two on.
  add(executor, 2, 1, at(6ms));
  const auto services = serve_all(executor);
  EXPECT_EQ(services.at(9), 12ms);
  EXPECT_EQ(services.at(0), 15ms);
  EXPECT_EQ(services.at(1), 15ms);
  // 6 ms of its work at two thirds of the speed, the rest alone.
  EXPECT_NEAR(to_seconds(services.at(2)), to_seconds(15ms), 2e-9);
}

TEST(ContinuousExecutor, LetsTheSpeedOfRunningTasksFollowASpeedStep) {
  ContinuousExecutor executor(
      model_of("nodes=1x2;work_ms=20;size=deterministic;speed_step=0x0.5@0.004,0x4@0.010;"
               "interference_model=continuous"));
  add(executor, 1, 0, at(0ms));
  // 8 ms of work are done at 4 ms, 6 more at 10 ms, and the last 6 at speed 8.
  EXPECT_EQ(executor.next_end(), at(4ms));
  EXPECT_EQ(serve_all(executor).at(1), 10ms + 750us);
}

TEST(ContinuousExecutor, AgreesWithServiceFixedAtStartWhereNothingChanges) {
  const std::string spec = "nodes=3x0.7;work_ms=10;affinity=1,1.5";
  TimerExecutor fixed(model_of(spec));
  ContinuousExecutor continuous(model_of(spec));
  Random random(5);
  Instant now{};
  for (std::uint64_t id = 0; id < 500; ++id) {
    now += from_seconds(random.exponential(0.004));
    add(fixed, id, id % 2, now);
    add(continuous, id, id % 2, now);
  }
  const auto expected = serve_all(fixed);
  const auto found = serve_all(continuous);
  ASSERT_EQ(found.size(), expected.size());
  for (const auto& [id, service] : expected) {
    EXPECT_NEAR(to_seconds(found.at(id)), to_seconds(service), 2e-9) << id;
  }
}

TEST(ContinuousExecutor, PlaysTheSameHoweverLateItIsAsked) {
  const std::string spec = std::string(kHungry) +
                           ";drift_speed=0.5;drift_good_s=0.05;"
                           "drift_slow_s=0.02";
  ContinuousExecutor early(model_of(spec));
  ContinuousExecutor late(model_of(spec));
  for (std::uint64_t id = 0; id < 40; ++id) {
    add(early, id, id % 2, at(1ms));
    add(late, id, id % 2, at(1ms));
  }
  std::vector<TaskEnd> ends;
  late.take_ended(at(10s), ends);
  EXPECT_GT(late.lateness().mean(), 1s);
  const auto services = serve_all(early);
  ASSERT_EQ(ends.size(), services.size());
  for (const TaskEnd& end : ends) EXPECT_EQ(services.at(end.id.value()), end.service);
  EXPECT_EQ(early.load(at(10s)).busy, late.load(at(10s)).busy);
}

// What the executor must come to, in the plainest way: every task with the work it has left, from
// change to change.
class PlainWorld {
 public:
  explicit PlainWorld(const ServiceModel& model) : model_(model) {}

  void add(const TaskHeader& task, Instant now) {
    play(now);
    queue_.push_back(task);
    fill();
  }
  void play(Instant until) {
    while (now_ < until) {
      const double speed = model_.node_speed().at(now_);
      const double step_s = std::min({time_to_end(speed), to_seconds(until - now_),
                                      to_seconds(model_.node_speed().next_change() - now_)});
      const auto step =
          std::max(Duration(static_cast<Duration::rep>(std::ceil(step_s * 1e9))), Duration(1));
      for (Running& one : running_) {
        const double done = to_seconds(step) * speed_of(one, speed);
        one.left_s -= done;
        work_done_s += done;
      }
      now_ += step;
      std::erase_if(running_, [this](const Running& one) {
        if (one.left_s > 0) return false;
        ends[one.id] = now_;
        return true;
      });
      fill();
    }
  }

  std::map<std::uint64_t, Instant> ends;
  double work_done_s = 0;

 private:
  struct Running {
    std::uint64_t id;
    bool hungry;
    double left_s;
  };
  double speed_of(const Running& one, double speed) const {
    const auto hungry = std::ranges::count(running_, true, &Running::hungry);
    return one.hungry ? speed / model_.interference_factor(static_cast<double>(hungry)) : speed;
  }
  double time_to_end(double speed) const {
    double first = 1e6;
    for (const Running& one : running_) first = std::min(first, one.left_s / speed_of(one, speed));
    return first;
  }
  void fill() {
    while (!queue_.empty() && running_.size() < static_cast<std::size_t>(model_.cores())) {
      const TaskHeader& task = queue_.front();
      running_.push_back({task.id.value(), model_.is_hungry(task.task_class), model_.work_s(task)});
      queue_.pop_front();
    }
  }

  ServiceModel model_;
  Instant now_{};
  std::deque<TaskHeader> queue_;
  std::vector<Running> running_;
};

TEST(ContinuousExecutor, ConservesWorkUnderAnyMixDriftAndSteps) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const ServiceModel model = model_of(
        "nodes=4x0.8;work_ms=10;affinity=1,1.3;interference_beta=2;"
        "interference_classes=1;interference_share=0.3;drift_speed=0.4;drift_good_s=0.03;"
        "drift_slow_s=0.02;speed_step=0x1.5@0.2,0x0.7@0.5;interference_model=continuous",
        seed);
    ContinuousExecutor executor(model);
    PlainWorld plain(model);
    Random random(seed);
    Instant now{};
    double work_s = 0;
    std::map<std::uint64_t, Instant> ends;
    const auto run_to = [&](Instant until) {
      std::vector<TaskEnd> taken;
      while (executor.next_end() <= until) {
        const Instant at_end = executor.next_end();
        taken.clear();
        executor.take_ended(at_end, taken);
        for (const TaskEnd& end : taken) ends[end.id.value()] = at_end;
      }
    };
    for (std::uint64_t id = 0; id < 300; ++id) {
      now += from_seconds(random.exponential(0.004));
      const Task task = task_of(id, static_cast<std::uint8_t>(random.below(2)));
      work_s += model.work_s(task.header);
      run_to(now);
      executor.enqueue({task}, now);
      plain.add(task.header, now);
    }
    run_to(now + 60s);
    plain.play(now + 60s);
    EXPECT_NEAR(plain.work_done_s, work_s, 1e-6);
    ASSERT_EQ(ends.size(), 300U);
    // Nanoseconds are lost at each of the hundreds of changes since the queue was last empty.
    for (const auto& [id, end] : plain.ends) {
      ASSERT_NEAR(seconds_since_start(ends.at(id)), seconds_since_start(end), 2e-6) << id;
    }
    EXPECT_EQ(executor.load(now + 60s).running, 0U);
  }
}

TEST(EmulatedExecutor, ReturnsTheLoadAtArrivalWithEveryEnd) {
  for (const char* model : {"at_start", "continuous"}) {
    auto executor =
        make_emulated_executor(model_of("nodes=2x1;interference_beta=1;interference_classes=1;"
                                        "interference_model=" +
                                        std::string(model)))
            .executor;
    std::vector<Task> one{task_of(1, 0)};
    one.front().header.load_at_arrival = 17;
    executor->enqueue(std::move(one), at(0s));
    std::vector<TaskEnd> ends;
    executor->take_ended(executor->next_end(), ends);
    ASSERT_EQ(ends.size(), 1U) << model;
    EXPECT_EQ(ends.front().load_at_arrival, 17U) << model;
  }
}

TEST(EmulatedExecutor, IsTheOneTheSpecAsksFor) {
  const auto fixed = make_emulated_executor(model_of("nodes=1x1"));
  EXPECT_NE(dynamic_cast<const TimerExecutor*>(fixed.executor.get()), nullptr);
  const auto continuous = make_emulated_executor(model_of(kHungry));
  EXPECT_NE(dynamic_cast<const ContinuousExecutor*>(continuous.executor.get()), nullptr);
}

}  // namespace
}  // namespace weir
