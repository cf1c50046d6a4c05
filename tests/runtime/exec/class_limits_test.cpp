#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "runtime/base/random.hpp"
#include "runtime/exec/emulated_executor.hpp"
#include "tests/runtime/exec/executor_inputs.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr ClassId kFirst(0);
constexpr ClassId kSecond(1);

Instant at(Duration since_start) { return Instant(since_start); }

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

TEST_P(EmulatedLimits, AClassMayExceedItsLimitWhileItDoesNotBind) {
  const auto executor = make("4x1");
  executor->set_class_limits(limits_of({.most = 1, .binds_from = 3}), at(0ms));
  executor->enqueue(tasks(0, 5, kFirst), at(0ms));
  EXPECT_EQ(executor->load(at(0ms)).classes[0].running, 3U);
  executor->enqueue(tasks(10, 2, kSecond), at(0ms));
  EXPECT_EQ(executor->load(at(0ms)).classes[1].running, 1U) << "a worker was kept for it";
  EXPECT_EQ(ends_until(*executor, at(10ms)), (Ids{0, 1, 2, 10}));
  EXPECT_EQ(executor->load(at(10ms)).classes[0].running, 2U);
  EXPECT_EQ(executor->load(at(10ms)).classes[1].running, 1U);
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

TEST_P(EmulatedLimits, ALimitHoldsInEachMemoryDomain) {
  const auto executor = make("5x1;memory_domains=2");
  executor->set_class_limits(limits_of({.most = 1}), at(0ms));
  executor->enqueue(tasks(0, 3, kFirst), at(0ms));
  executor->enqueue(tasks(10, 4, kSecond), at(0ms));
  const ExecutorLoad load = executor->load(at(0ms));
  EXPECT_EQ(load.classes[0].running, 2U);
  EXPECT_EQ(load.classes[0].limit, 2U);
  EXPECT_EQ(load.classes[1].running, 3U);
  std::vector<TaskEnd> ends;
  executor->take_ended(at(10ms), ends);
  ASSERT_EQ(ends.size(), 5U);
  EXPECT_EQ(ends[0].running_alike, 1U);
  EXPECT_EQ(ends[1].running_alike, 1U) << "it started in the other domain";
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
  PlainNode(QueueOrder order, std::vector<int> domain_cores)
      : order_(order), free_(std::move(domain_cores)), counts_(free_.size()) {}

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
      const auto [header, domain] = running_.begin()->second;
      running_.erase(running_.begin());
      --counts_[domain][header.task_class.value()];
      ++free_[domain];
      ended_.push_back(header.id.value());
      start(end);
    }
  }
  void start(Instant now) {
    for (;;) {
      auto next = first_startable(true);
      if (next == waiting_.end()) next = first_startable(false);
      if (next == waiting_.end()) return;
      const std::size_t i = next->second.task_class.value();
      const std::size_t domain = *freest_domain(i);
      ++counts_[domain][i];
      --free_[domain];
      running_.emplace(std::pair(now + 10ms, started_++), std::pair(next->second, domain));
      waiting_.erase(next);
    }
  }
  std::optional<std::size_t> freest_domain(std::size_t task_class) const {
    const std::uint32_t most = limits_[task_class].most;
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < free_.size(); ++i) {
      std::uint32_t busy = 0;
      for (const std::uint32_t running : counts_[i]) busy += running;
      const bool is_bound = most > 0 && busy >= limits_[task_class].binds_from;
      const bool may_start = free_[i] > 0 && (!is_bound || counts_[i][task_class] < most);
      if (may_start && (!best || free_[i] > free_[*best])) best = i;
    }
    return best;
  }
  using Waiting = std::map<std::tuple<int, std::int64_t, std::uint64_t>, TaskHeader>;
  Waiting::iterator first_startable(bool below_share) {
    return std::ranges::find_if(waiting_, [&](const auto& one) {
      const std::size_t i = one.second.task_class.value();
      std::uint32_t running = 0;
      for (const auto& domain : counts_) running += domain[i];
      const std::uint32_t share = limits_[i].share;
      return freest_domain(i) && (!below_share || share == 0 || running < share);
    });
  }

  QueueOrder order_;
  std::vector<int> free_;  // cores, by domain
  std::vector<std::array<std::uint32_t, kMaxClasses>> counts_;
  ClassLimits limits_{};
  Waiting waiting_;
  std::map<std::pair<Instant, std::uint64_t>, std::pair<TaskHeader, std::size_t>> running_;
  Ids ended_;
  std::uint64_t next_ = 0;
  std::uint64_t started_ = 0;
};

struct PlainCase {
  QueueOrder order;
  const char* nodes;
  std::vector<int> domain_cores;
};

TEST_P(EmulatedLimits, AgreesWithAPlainNodeUnderRandomUse) {
  for (const auto& [order, nodes, domain_cores] :
       {PlainCase{QueueOrder::kFifo, "5x1", {5}},
        {QueueOrder::kShortestFirst, "5x1", {5}},
        {QueueOrder::kEarliestDeadline, "5x1", {5}},
        {QueueOrder::kFifo, "5x1;memory_domains=2", {3, 2}},
        {QueueOrder::kShortestFirst, "8x1;memory_domains=3", {3, 3, 2}}}) {
    Random random(17 + static_cast<std::uint64_t>(order));
    const auto executor = make(nodes, {.order = order});
    PlainNode plain(order, domain_cores);
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
          limits[i] = {.most = static_cast<std::uint32_t>(random.below(5)),
                       .binds_from = static_cast<std::uint32_t>(random.below(7)),
                       .share = static_cast<std::uint32_t>(random.below(4))};
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

}  // namespace
}  // namespace weir
