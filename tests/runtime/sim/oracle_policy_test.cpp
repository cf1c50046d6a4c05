#include "runtime/sim/oracle_policy.hpp"

#include <gtest/gtest.h>

#include <set>

#include "runtime/base/error.hpp"
#include "runtime/sim/simulation.hpp"
#include "tests/support/poisson_source.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

TaskHeader task_of(std::uint8_t task_class, std::uint64_t id = 1) {
  TaskHeader task;
  task.id = TaskId(id);
  task.task_class = ClassId(task_class);
  return task;
}

struct World {
  explicit World(const std::string& nodes, const OracleKnowledge& knowledge = {})
      : view(now, knowledge) {
    const auto spec = EmulationSpec::parse(nodes);
    for (int node = 0; node < spec.node_count(); ++node) view.add_node({spec, node, 1}, {});
  }
  RankId place(std::uint8_t task_class, std::uint64_t id = 1) {
    return view.place(task_of(task_class, id));
  }

  SimTime now{};
  OracleView view;
};

TEST(Oracle, KnowsWhereAClassIsFast) {
  World world("nodes=8x1,8x1;affinity=1/0.5,1/2");
  EXPECT_EQ(world.place(0), RankId(1));
  EXPECT_EQ(world.place(1), RankId(0));
}

TEST(Oracle, KnowsTheSpeedOfANodeAtTheInstant) {
  World world("nodes=8x1,8x1.5;speed_step=1x0.5@10,1x1@20");
  EXPECT_EQ(world.place(0), RankId(1));
  world.now = SimTime(15s);
  EXPECT_EQ(world.place(0), RankId(0));
  world.now = SimTime(25s);
  EXPECT_EQ(world.place(0), RankId(1));
}

TEST(Oracle, KnowsTheSpeedOfANodeLaterWhereItIsTold) {
  World world("nodes=8x1,8x1.5;speed_step=1x0.5@10,1x1@20", {.speed_delay = 2s});
  EXPECT_EQ(world.place(0), RankId(1));
  world.now = SimTime(11s);
  EXPECT_EQ(world.place(0), RankId(1));
  world.now = SimTime(13s);
  EXPECT_EQ(world.place(0), RankId(0));
}

// To wait for the fast node is worth it behind a task that is small beside the own one.
TEST(Oracle, TakesTasksForMeanOnesWhereItDoesNotKnowSizes) {
  const std::string nodes = "nodes=1x1,1x2.5;work_ms=10;size=hyperexponential;size_c2=4";
  const auto nodes_of_second = [&](const OracleKnowledge& knowledge) {
    std::set<int> chosen;
    for (std::uint64_t id = 1; id < 50; ++id) {
      World world(nodes, knowledge);
      EXPECT_EQ(world.place(0, id), RankId(1));
      chosen.insert(world.place(0, id + 100).value());
    }
    return chosen;
  };
  EXPECT_EQ(nodes_of_second({}), (std::set{0, 1}));
  EXPECT_EQ(nodes_of_second({.knows_sizes = false}), std::set{0});
}

TEST(Oracle, WeighsWaitingAndWhomItHoldsUp) {
  // Twelve milliseconds there, twice that here.
  World world("nodes=1x1,1x2;work_ms=24;size=deterministic");
  EXPECT_EQ(world.place(0, 1), RankId(1));
  world.now = SimTime(1ms);
  // 11 + 12 there, but then another one waits 12 more.
  EXPECT_EQ(world.place(0, 2), RankId(0));
  EXPECT_EQ(world.place(0, 3), RankId(1));
  world.now = SimTime(24ms);
  world.view.on_completed(RankId(1), TaskId(1));
  world.view.on_completed(RankId(1), TaskId(3));
  EXPECT_EQ(world.place(0, 4), RankId(1));
}

TEST(Oracle, CountsWhatEveryHomeHasUnderWay) {
  World world("nodes=1x1,1x0.9;work_ms=10;size=deterministic");
  OraclePolicy here(world.view);
  OraclePolicy there(world.view);
  const NodeView nobody_asks;
  const ClusterView cluster{{&nobody_asks, 1}, RankId(0), 2};
  EXPECT_EQ(here.place({.id = TaskId(1), .task_class = ClassId(0)}, cluster), RankId(0));
  EXPECT_EQ(there.place({.id = TaskId(2), .task_class = ClassId(0)}, cluster), RankId(1));
  world.view.on_completed(RankId(0), TaskId(1));
  EXPECT_EQ(there.place({.id = TaskId(3), .task_class = ClassId(0)}, cluster), RankId(0));
}

TEST(Oracle, KeepsHungryTasksFromHarmingEachOther) {
  // Two are harmless at each; a third one would take 1.5 times as long, and so would they.
  World world(
      "nodes=4x1.2,4x1;work_ms=10;size=deterministic;interference_beta=1;"
      "interference_classes=1;interference_share=0.5");
  EXPECT_EQ(world.place(1), RankId(0));
  EXPECT_EQ(world.place(1), RankId(0));
  EXPECT_EQ(world.place(1), RankId(1));
  EXPECT_EQ(world.place(0), RankId(0));
}

TEST(Oracle, GivesNothingToANodeThatIsAway) {
  World world("nodes=4x2,4x1");
  world.view.set_available(RankId(0), false);
  EXPECT_EQ(world.place(0), RankId(1));
  world.view.set_available(RankId(0), true);
  EXPECT_EQ(world.place(0), RankId(0));
}

struct MeanResponse final : SimulationSink {
  void on_completed(const CompletedTask& task, SimTime) override {
    sum_s += to_seconds(task.response);
    ++count;
  }
  double sum_s = 0;
  int count = 0;
};

double mean_response_s(const std::string& policy, std::uint64_t seed) {
  MeanResponse sink;
  Simulation world(
      {.nodes = EmulationSpec::parse(
           "nodes=8x0.9*2,12x1.2*2;work_ms=20;affinity=1/1,1.6/0.5,0.7/1.4;drift_speed=0.5;"
           "drift_good_s=2;drift_slow_s=0.7;interference_beta=1;interference_classes=1"),
       .dispatcher_count = 2,
       .policy = policy,
       .seed = seed,
       .class_count = 3,
       .report_interval = 100ms},
      [seed](RankId home, Instant start) {
        return std::make_unique<PoissonSource>(
            PoissonArrivals{.rate_per_s = 800,
                            .count = 8000,
                            .seed = seed,
                            .stream = static_cast<std::uint16_t>(home.value()),
                            .class_count = 3},
            start);
      },
      sink);
  world.run();
  return sink.sum_s / sink.count;
}

TEST(Oracle, BeatsTheRulesThatKnowLess) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const double oracle = mean_response_s("oracle", seed);
    for (const char* rule : {"shortest_expected_delay", "join_fastest_idle_local_class_aware"}) {
      EXPECT_LT(oracle, 0.98 * mean_response_s(rule, seed)) << rule << ", seed " << seed;
    }
  }
}

TEST(Oracle, DoesNotStealBesides) {
  EXPECT_THROW(mean_response_s("oracle+work_stealing", 1), Error);
}

}  // namespace
}  // namespace weir
