#include "runtime/control/node_allocator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "runtime/base/random.hpp"
#include "runtime/environment/telemetry.hpp"
#include "runtime/exec/emulated_executor.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// One emulated node with everything that it decides by itself, looked at every millisecond.
class Node {
 public:
  Node(const std::string& spec, const NodeControlOptions& control, LimitAdviser* adviser = nullptr)
      : emulated_(make_emulated_executor(ServiceModel(EmulationSpec::parse(spec), 0, 7))),
        executor_(*emulated_.executor),
        meter_(RankId(0),
               {.class_count = 3, .detects_regime = control.regime, .finds_limits = control.limits},
               executor_, telemetry_),
        allocator_(control, executor_, meter_, adviser) {}

  void add(std::uint8_t task_class, int count = 1) {
    std::vector<Task> tasks(static_cast<std::size_t>(count));
    for (Task& task : tasks) {
      task.header.id = TaskId(next_id_++);
      task.header.task_class = ClassId(task_class);
    }
    executor_.enqueue(std::move(tasks), now_);
  }
  void pass(Duration time) {
    for (const Instant end = now_ + time; now_ < end;) {
      now_ += 1ms;
      ends_.clear();
      executor_.take_ended(now_, ends_);
      for (const TaskEnd& end_of_task : ends_) {
        meter_.on_ended(end_of_task.task_class, end_of_task.service, end_of_task.running_alike);
        Duration& longest = longest_wait_[end_of_task.task_class.value()];
        longest = std::max(longest, end_of_task.waited);
      }
      allocator_.on_round(now_);
    }
  }
  Duration longest_wait(std::uint8_t task_class) { return longest_wait_[task_class]; }
  ExecutorLoad load() const { return executor_.load(now_); }
  NodeReport report() { return meter_.report(now_); }
  const LimitOffsets& offsets() const { return allocator_.offsets(); }

 private:
  EmulatedExecutor emulated_;
  Executor& executor_;
  AbsentTelemetry telemetry_;
  NodeMeter meter_;
  NodeAllocator allocator_;
  Instant now_{};
  std::uint64_t next_id_ = 0;
  std::vector<TaskEnd> ends_;
  std::map<std::uint8_t, Duration> longest_wait_;
};

constexpr const char* kTwelveCores = "nodes=12x1;work_ms=10";
constexpr NodeControlOptions kSharesOnly{.shares = true};

// Class 0 brings 5,000 tasks at once, four seconds of the node; classes 1 and 2 keep bringing 150
// tasks per second each: 1.5 cores, which have a floor of 2.
Duration longest_wait_in_a_flood(const NodeControlOptions& control) {
  Node node(kTwelveCores, control);
  Random random(3);
  node.add(0, 5000);
  for (int i = 0; i < 3000; ++i) {
    if (random.uniform() < 0.15) node.add(1);
    if (random.uniform() < 0.15) node.add(2);
    node.pass(1ms);
  }
  EXPECT_GT(node.load().classes[0].queued, 500U) << "the flood is not over yet";
  node.pass(6s);
  return std::max(node.longest_wait(1), node.longest_wait(2));
}

TEST(NodeAllocator, AFloodOfOneClassLeavesTheWaitsOfOthersBounded) {
  EXPECT_GT(longest_wait_in_a_flood({}), 1s);
  EXPECT_LT(longest_wait_in_a_flood(kSharesOnly), 200ms);
}

TEST(NodeAllocator, SharesKeepNoWorkerIdle) {
  Duration busy[2];
  for (const bool shares : {false, true}) {
    Node node(kTwelveCores, {.shares = shares});
    node.add(0, 3000);
    for (int i = 0; i < 200; ++i) {
      node.add(1, i % 10 == 0 ? 5 : 0);
      node.pass(5ms);
    }
    busy[shares] = node.load().busy;
  }
  EXPECT_EQ(busy[0], busy[1]);
}

TEST(NodeAllocator, SharesLetOneClassAloneHaveEverything) {
  Node node(kTwelveCores, kSharesOnly);
  node.add(0, 100);
  node.pass(10ms);
  EXPECT_EQ(node.load().classes[0].running, 12U);
}

// Loads the node for so long, at a Poisson rate per class and second.
void load_node(Node& node, Duration time, double rate) {
  Random random(11);
  for (Duration passed{0}; passed < time; passed += 1ms) {
    for (std::uint8_t task_class = 0; task_class < 3; ++task_class) {
      if (random.uniform() < rate / 1000) node.add(task_class);
    }
    node.pass(1ms);
  }
}

constexpr NodeControlOptions kAll{.limits = true, .regime = true, .shares = true};

TEST(NodeAllocator, LimitsTheClassWhoseTasksSlowEachOtherDown) {
  Node node(
      "nodes=32x1;work_ms=50;size=hyperexponential;size_c2=4;"
      "interference_beta=2;interference_classes=2;interference_share=0.2",
      kAll);
  load_node(node, 180s, 150);
  EXPECT_EQ(node.load().classes[0].limit, 0U);
  EXPECT_EQ(node.load().classes[1].limit, 0U);
  const std::uint32_t limit = node.report().classes[2].limit;
  EXPECT_GE(limit, 5U) << "6.4 do no harm";
  EXPECT_LE(limit, 13U);
  node.pass(10s);
  node.add(2, 32);
  EXPECT_EQ(node.load().classes[2].running, 24U)
      << "of three quarters of the workers, however low its limit is";
  node.add(1, 8);
  EXPECT_EQ(node.load().classes[1].running, 8U);
}

TEST(NodeAllocator, FindsTheLimitOfEachMemoryDomainAndTellsThatOfTheNode) {
  for (const char* model : {"at_start", "continuous"}) {
    Node node(
        std::string("nodes=32x1;work_ms=50;size=hyperexponential;size_c2=4;interference_beta=2;"
                    "interference_classes=2;interference_share=0.2;memory_domains=2;"
                    "interference_model=") +
            model,
        kAll);
    load_node(node, 180s, 150);
    EXPECT_EQ(node.load().classes[0].limit, 0U);
    EXPECT_EQ(node.load().classes[1].limit, 0U);
    const std::uint32_t limit = node.report().classes[2].limit;
    EXPECT_EQ(limit % 2, 0U);
    EXPECT_GE(limit, 4U) << "in each half, 3.2 do no harm";
    EXPECT_LE(limit, 14U);
    node.add(0, 2000);
    node.pass(1s);
    EXPECT_EQ(node.load().running, 32U);
    EXPECT_LE(node.load().classes[2].running, limit * 5 / 4 + 2);
  }
}

TEST(NodeAllocator, LimitsNothingWhereNothingHarms) {
  for (const char* drift : {"", ";drift_speed=0.5;drift_good_s=20;drift_slow_s=7"}) {
    Node node(std::string("nodes=32x1;work_ms=50") + drift, kAll);
    for (int i = 0; i < 12; ++i) {
      load_node(node, 5s, 100);
      for (int k = 0; k < 3; ++k) {
        EXPECT_EQ(node.load().classes[k].limit, 0U) << drift << " second " << 5 * i;
      }
    }
  }
}

// Says the same of one class always.
class FixedAdviser final : public LimitAdviser {
 public:
  FixedAdviser(std::uint8_t task_class, int step) : task_class_(task_class), step_(step) {}
  int step(const LimitView& view) override {
    EXPECT_GE(view.all_running, view.running);
    EXPECT_LE(view.busy_share, 1);
    if (view.busy_share > 0) ++busy_views;
    return view.task_class == task_class_ ? step_ : 0;
  }
  int busy_views = 0;

 private:
  ClassId task_class_;
  int step_;
};

TEST(NodeAllocator, HoldsToWhatAnAdviserSaysAndTellsIt) {
  FixedAdviser lowers(0, -1);
  Node node("nodes=32x1;work_ms=50", kAll, &lowers);
  load_node(node, 20s, 150);
  EXPECT_EQ(node.offsets().offset(ClassId(0)), -8);
  EXPECT_EQ(node.offsets().offset(ClassId(1)), 0);
  EXPECT_EQ(node.report().classes[0].limit, 24U);
  EXPECT_EQ(node.report().classes[1].limit, 0U);
  EXPECT_EQ(node.load().classes[0].limit, 24U);
  EXPECT_GT(lowers.busy_views, 50);
  EXPECT_GT(node.offsets().differing(), 15U);
  EXPECT_LT(node.offsets().differing(), node.offsets().decisions());
}

TEST(NodeAllocator, CorrectsALimitThatItHasFound) {
  constexpr const char* kContended =
      "nodes=32x1;work_ms=50;interference_beta=2;interference_classes=2;interference_share=0.2";
  Node alone(kContended, kAll);
  load_node(alone, 90s, 150);
  FixedAdviser raises(2, 1);
  Node advised(kContended, kAll, &raises);
  load_node(advised, 90s, 150);
  ASSERT_GT(alone.report().classes[2].limit, 0U);
  EXPECT_EQ(advised.offsets().offset(ClassId(2)), 8);
  EXPECT_GT(advised.report().classes[2].limit, alone.report().classes[2].limit);
}

TEST(NodeAllocator, DoesTheSameWithAnAdviserThatHolds) {
  FixedAdviser holds(0, 0);
  Node alone(kTwelveCores, kAll);
  Node advised(kTwelveCores, kAll, &holds);
  for (Node* node : {&alone, &advised}) load_node(*node, 10s, 350);
  EXPECT_EQ(alone.load().busy, advised.load().busy);
  EXPECT_EQ(alone.longest_wait(0), advised.longest_wait(0));
  EXPECT_GT(advised.offsets().decisions(), 20U);
  EXPECT_EQ(advised.offsets().differing(), 0U);
}

TEST(NodeAllocator, AsksNobodyWhereThereAreNoLimits) {
  FixedAdviser lowers(0, -1);
  Node node(kTwelveCores, kSharesOnly, &lowers);
  load_node(node, 5s, 200);
  EXPECT_EQ(node.offsets().decisions(), 0U);
}

TEST(NodeAllocator, DoesNothingWhenItIsOff) {
  Node node(
      "nodes=8x1;work_ms=50;interference_beta=2;interference_classes=2;interference_share=0.2", {});
  load_node(node, 20s, 60);
  EXPECT_EQ(node.report().classes[2].limit, 0U);
}

}  // namespace
}  // namespace weir
