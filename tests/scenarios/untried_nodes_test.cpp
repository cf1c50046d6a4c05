// A class that is fast on nodes of low nominal speed, and so little work that no task has to go
// there: the rule finds out only because it tries what it does not know.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "runtime/sim/simulation.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/poisson_source.hpp"
#include "tests/support/task_journal.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 5;
constexpr int kFirstSlowNode = 2;
constexpr ClassId kGoodAtSlowNodes{1};
// Of 16 cores less than one is busy at a time.
constexpr PoissonArrivals kArrivals{
    .rate_per_s = 60, .count = 2000, .seed = kSeed, .class_count = 2};

struct Outcome final : TaskJournal {
  void on_completed(const CompletedTask& task, SimTime now) override {
    TaskJournal::on_completed(task, now);
    if (task.header.task_class != kGoodAtSlowNodes) return;
    ++of_class;
    if (task.node.value() >= kFirstSlowNode) ++at_slow_nodes;
  }
  std::uint64_t of_class = 0;
  std::uint64_t at_slow_nodes = 0;
};

// Class 1 takes 13 ms on the nodes of speed 1.5, from which 20 ms would follow for those of speed
// 1, and takes 5 ms there.
Outcome outcome_of(const std::string& policy) {
  return play_twice([&] {
    const SimulationOptions options{
        .nodes = EmulationSpec::parse(
            "nodes=4x1.5*2,4x1*2;work_ms=10;size=deterministic;affinity=1/1,2/0.5"),
        .policy = policy,
        .seed = kSeed,
        .class_count = 2,
        .report_interval = 20ms};
    Outcome outcome;
    Simulation world(options, poisson_at_each_home(kArrivals), outcome);
    world.run();
    outcome.close(world);
    return outcome;
  });
}

class UntriedNodesScenario : public testing::TestWithParam<std::string> {};

TEST_P(UntriedNodesScenario, AClassReachesTheNodesThatAreFasterForItThanTheirSpeedSays) {
  const Outcome outcome = outcome_of(GetParam());
  ASSERT_EQ(outcome.task_count(), kArrivals.count);
  EXPECT_GT(outcome.at_slow_nodes, outcome.of_class * 95 / 100)
      << "of " << outcome.of_class << " tasks; seed " << kSeed;
}

INSTANTIATE_TEST_SUITE_P(Rules, UntriedNodesScenario,
                         testing::Values("shortest_expected_delay",
                                         "priced_shortest_expected_delay", "tree"));

}  // namespace
}  // namespace weir
