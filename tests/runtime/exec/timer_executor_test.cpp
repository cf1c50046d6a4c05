#include "runtime/exec/timer_executor.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 31;

TimerExecutor make_executor(const std::string& spec) {
  return TimerExecutor(ServiceModel(EmulationSpec::parse(spec), 0, kSeed));
}

Instant at(Duration since_start) { return Instant(since_start); }

std::vector<Task> tasks(std::uint64_t first, std::uint64_t count, std::uint8_t task_class = 0) {
  std::vector<Task> made(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    made[i].header.id = TaskId(first + i);
    made[i].header.task_class = ClassId(task_class);
  }
  return made;
}

std::vector<TaskEnd> take(TimerExecutor& executor, Instant now) {
  std::vector<TaskEnd> ends;
  executor.take_ended(now, ends);
  return ends;
}

TEST(TimerExecutor, EndsATaskAfterItsServiceTimeAndNotBefore) {
  TimerExecutor executor = make_executor("nodes=1x1;work_ms=10;size=deterministic");
  EXPECT_EQ(executor.next_end(), kNever);
  std::vector<Task> one = tasks(5, 1, 2);
  one[0].header.attempt = 4;
  one[0].header.home = RankId(3);
  executor.enqueue(std::move(one), at(1ms));
  EXPECT_EQ(executor.next_end(), at(11ms));
  EXPECT_TRUE(take(executor, at(11ms - 1ns)).empty());
  const auto ends = take(executor, at(11ms));
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].id, TaskId(5));
  EXPECT_EQ(ends[0].attempt, 4U);
  EXPECT_EQ(ends[0].home, RankId(3));
  EXPECT_EQ(ends[0].task_class, ClassId(2));
  EXPECT_EQ(ends[0].status, TaskStatus::kDone);
  EXPECT_EQ(ends[0].waited, 0ms);
  EXPECT_EQ(ends[0].service, 10ms);
  EXPECT_TRUE(ends[0].result.empty());
  EXPECT_EQ(executor.next_end(), kNever);
}

TEST(TimerExecutor, StartsTheNextServiceAtTheScheduledEndHoweverLateItIsNoticed) {
  TimerExecutor executor = make_executor("nodes=1x1;work_ms=10;size=deterministic");
  executor.enqueue(tasks(0, 4), at(0ms));
  const auto ends = take(executor, at(37ms));
  ASSERT_EQ(ends.size(), 3U);
  EXPECT_EQ(ends[0].waited, 0ms);
  EXPECT_EQ(ends[1].waited, 10ms);
  EXPECT_EQ(ends[2].waited, 20ms);
  EXPECT_EQ(executor.next_end(), at(40ms));
  EXPECT_EQ(executor.lateness().count(), 3U);
  EXPECT_EQ(executor.lateness().max(), 27ms);
  EXPECT_NEAR(to_milliseconds(executor.lateness().mean()), 17, 0.2);
}

TEST(TimerExecutor, StartsAtTheEnqueueWhenACoreWasFreeBefore) {
  TimerExecutor executor = make_executor("nodes=1x1;work_ms=10;size=deterministic");
  executor.enqueue(tasks(0, 1), at(0ms));
  executor.enqueue(tasks(1, 1), at(25ms));  // The first ended at 10 ms and was not taken yet.
  EXPECT_EQ(executor.next_end(), at(10ms));
  EXPECT_EQ(take(executor, at(30ms)).size(), 1U);
  EXPECT_EQ(executor.next_end(), at(35ms));
}

TEST(TimerExecutor, UsesAllCoresAndServesTheQueueByPriority) {
  TimerExecutor executor = make_executor("nodes=2x1;work_ms=10;size=deterministic");
  EXPECT_EQ(executor.worker_count(), 2);
  std::vector<Task> some = tasks(0, 5);
  some[4].header.priority = 1;
  executor.enqueue(std::move(some), at(0ms));
  const auto ends = take(executor, at(30ms));
  std::vector<std::uint64_t> ids;
  for (const TaskEnd& end : ends) ids.push_back(end.id.value());
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{4, 0, 1, 2, 3}));
}

TEST(TimerExecutor, ReportsLoadAndBusyTimeUpToNow) {
  TimerExecutor executor = make_executor("nodes=2x1;work_ms=10;size=deterministic");
  executor.enqueue(tasks(0, 3, 1), at(0ms));
  ExecutorLoad load = executor.load(at(4ms));
  EXPECT_EQ(load.running, 2U);
  EXPECT_EQ(load.queued, 1U);
  EXPECT_EQ(load.classes[1].running, 2U);
  EXPECT_EQ(load.classes[1].queued, 1U);
  EXPECT_EQ(load.busy, 8ms);
  take(executor, at(14ms));
  load = executor.load(at(14ms));
  EXPECT_EQ(load.running, 1U);
  EXPECT_EQ(load.queued, 0U);
  EXPECT_EQ(load.busy, 24ms);
  EXPECT_EQ(executor.spawn_counts().started, 0U);
}

TEST(TimerExecutor, TakesBackWaitingTasksOnly) {
  TimerExecutor executor = make_executor("nodes=2x1;work_ms=10;size=deterministic");
  executor.enqueue(tasks(0, 5), at(0ms));
  const auto back = executor.take_back(10);
  ASSERT_EQ(back.size(), 3U);
  EXPECT_EQ(back[0].header.id, TaskId(2));
  EXPECT_EQ(take(executor, at(1s)).size(), 2U);
}

TEST(TimerExecutor, DropsAtItsTurnWhatComesTooLate) {
  TimerExecutor executor(
      ServiceModel(EmulationSpec::parse("nodes=1x1;work_ms=10;size=deterministic"), 0, kSeed),
      {.drop_late = true});
  std::vector<Task> three = tasks(0, 3);
  three[1].header.deadline = at(5ms);
  three[2].header.deadline = at(15ms);
  executor.enqueue(std::move(three), at(0ms));
  const auto ends = take(executor, at(20ms));
  ASSERT_EQ(ends.size(), 3U);
  for (const TaskEnd& end : ends) {
    EXPECT_EQ(end.status == TaskStatus::kDropped, end.id == TaskId(1));
    EXPECT_EQ(end.waited, end.id == TaskId(0) ? 0ms : 10ms);
  }
  EXPECT_EQ(executor.load(at(20ms)).busy, 20ms) << "a dropped task takes no time";
}

TEST(TimerExecutor, CountsRunningTasksForInterference) {
  TimerExecutor executor = make_executor(
      "nodes=4x1;work_ms=10;size=deterministic;interference_beta=1;interference_classes=0;"
      "interference_share=0.25");
  executor.enqueue(tasks(0, 3), at(0ms));
  const auto ends = take(executor, at(100ms));
  ASSERT_EQ(ends.size(), 3U);
  EXPECT_EQ(ends[0].service, 10ms);
  EXPECT_EQ(ends[1].service, 20ms);
  EXPECT_EQ(ends[2].service, 30ms);
  executor.enqueue(tasks(3, 1), at(100ms));  // Alone again.
  EXPECT_EQ(take(executor, at(200ms))[0].service, 10ms);
}

// How often the executor is looked at changes when ends are reported, not what happens.
TEST(TimerExecutor, WaitsAndServicesDoNotDependOnHowOftenItIsLookedAt) {
  TimerExecutor often = make_executor("nodes=3x1;work_ms=10");
  TimerExecutor seldom = make_executor("nodes=3x1;work_ms=10");
  std::vector<TaskEnd> often_ends, seldom_ends;
  for (std::uint64_t step = 0; step < 2000; ++step) {
    const Instant now = at(step * 4ms);
    often.take_ended(now, often_ends);
    often.enqueue(tasks(step, 1), now);
    often.take_ended(now + 1ms, often_ends);
    seldom.enqueue(tasks(step, 1), now);
  }
  often.take_ended(at(1h), often_ends);
  seldom.take_ended(at(1h), seldom_ends);
  ASSERT_EQ(often_ends.size(), seldom_ends.size());
  for (std::size_t i = 0; i < often_ends.size(); ++i) {
    ASSERT_EQ(often_ends[i].id, seldom_ends[i].id);
    ASSERT_EQ(often_ends[i].waited, seldom_ends[i].waited);
    ASSERT_EQ(often_ends[i].service, seldom_ends[i].service);
  }
}

// The probability that an arrival waits in M/M/c (Erlang C), by the recursion of Erlang B.
double erlang_c(int servers, double offered) {
  double b = 1;
  for (int i = 1; i <= servers; ++i) b = offered * b / (i + offered * b);
  const double rho = offered / servers;
  return b / (1 - rho * (1 - b));
}

// The mean response of Poisson arrivals, with its standard error from batch means.
struct Estimate {
  double mean_s = 0;
  double standard_error_s = 0;
};
Estimate mean_response(TimerExecutor& executor, double rate_per_s, std::uint64_t count) {
  Random random(kSeed);
  double now_s = 0;
  std::vector<TaskEnd> ends;
  for (std::uint64_t id = 0; id < count; ++id) {
    now_s += random.exponential(1 / rate_per_s);
    executor.enqueue(tasks(id, 1), at(from_seconds(now_s)));
    executor.take_ended(at(from_seconds(now_s)), ends);
  }
  executor.take_ended(at(from_seconds(now_s) + 1h), ends);

  constexpr std::size_t kBatches = 40;
  const std::size_t warm_up = ends.size() / 10;
  const std::size_t batch = (ends.size() - warm_up) / kBatches;
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < kBatches; ++i) {
    double batch_sum = 0;
    for (std::size_t k = 0; k < batch; ++k) {
      const TaskEnd& end = ends[warm_up + i * batch + k];
      batch_sum += to_seconds(end.waited + end.service);
    }
    const double mean = batch_sum / static_cast<double>(batch);
    sum += mean;
    squares += mean * mean;
  }
  const double mean = sum / kBatches;
  return {mean, std::sqrt((squares / kBatches - mean * mean) / (kBatches - 1))};
}

TEST(TimerExecutor, AgreesWithErlangCForManyServers) {
  constexpr int kServers = 8;
  constexpr double kMeanS = 0.01;
  constexpr double kRho = 0.85;
  TimerExecutor executor = make_executor("nodes=8x1;work_ms=10");
  const Estimate found = mean_response(executor, kRho * kServers / kMeanS, 400000);
  const double expected =
      kMeanS * (1 + erlang_c(kServers, kRho * kServers) / (kServers * (1 - kRho)));
  EXPECT_NEAR(found.mean_s, expected, 4 * found.standard_error_s);
  EXPECT_LT(found.standard_error_s, 0.02 * expected);
}

TEST(TimerExecutor, AgreesWithPollaczekKhinchineForOneServer) {
  constexpr double kMeanS = 0.01;
  constexpr double kRho = 0.6;
  TimerExecutor executor = make_executor("nodes=1x1;work_ms=10;size=hyperexponential;size_c2=4");
  const Estimate found = mean_response(executor, kRho / kMeanS, 400000);
  const double expected = kMeanS * (1 + kRho / (1 - kRho) * (1 + 4) / 2);
  EXPECT_NEAR(found.mean_s, expected, 4 * found.standard_error_s);
  EXPECT_LT(found.standard_error_s, 0.05 * expected);
}

}  // namespace
}  // namespace weir
