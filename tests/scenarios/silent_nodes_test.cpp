// Nodes and homes that stop for a while, or for ever, in virtual time: what they held runs
// elsewhere, what they say late is dropped, and no task is counted twice.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "runtime/sim/simulation.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/poisson_source.hpp"
#include "tests/support/task_journal.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kTasks = 4000;

// Four nodes of four cores, at 60 % for 10 s. Ranks 0 and 1 submit.
SimulationOptions usual(const std::string& policy) {
  return {.nodes = EmulationSpec::parse("nodes=4x1*4;work_ms=24"),
          .dispatcher_count = 2,
          .policy = policy,
          .class_count = 2};
}

struct Outcome final : TaskJournal {
  std::uint64_t sum(std::uint64_t NodeAgentCounts::*count) const {
    std::uint64_t all = 0;
    for (const NodeAgentCounts& home : homes) all += home.*count;
    return all;
  }
  std::vector<NodeAgentCounts> homes;
  // Whom some home suspected at some time, as seen every tenth of a second.
  std::set<RankId> suspects;
};

Outcome play(const SimulationOptions& options) {
  const PoissonArrivals of_each_home{
      .rate_per_s = 400.0 / options.dispatcher_count,
      .count = kTasks / static_cast<unsigned>(options.dispatcher_count),
      .class_count = 2};
  Outcome outcome;
  Simulation world(options, poisson_at_each_home(of_each_home), outcome);
  for (SimTime until{100ms}; !world.finished(); until += 100ms) {
    world.run_until(until);
    for (int home = 0; home < options.dispatcher_count; ++home) {
      for (int node = 0; node < world.rank_count(); ++node) {
        if (world.agent(RankId(home)).suspects(RankId(node))) outcome.suspects.insert(RankId(node));
      }
    }
  }
  outcome.close(world);
  for (int home = 0; home < options.dispatcher_count; ++home) {
    outcome.homes.push_back(world.agent(RankId(home)).counts());
  }
  return outcome;
}

Outcome outcome_of(const SimulationOptions& options) {
  return play_twice([&options] { return play(options); });
}

class SilentNodes : public testing::TestWithParam<std::string> {};

TEST_P(SilentNodes, HaveTheirTasksDoneElsewhereAndTheirLateResultsDropped) {
  SimulationOptions options = usual(GetParam());
  options.faults.stops = {{RankId(2), SimTime(3s), SimTime(9s)}};
  const Outcome outcome = outcome_of(options);
  EXPECT_EQ(outcome.task_count(), kTasks);
  EXPECT_EQ(outcome.suspects, std::set{RankId(2)});
  for (const NodeAgentCounts& home : outcome.homes) {
    EXPECT_LE(home.suspicions, 1U) << "none by a home that has nothing there";
    EXPECT_LE(home.stale_ends, home.reissued);
  }
  EXPECT_GT(outcome.sum(&NodeAgentCounts::reissued), 0U);
  EXPECT_GT(outcome.sum(&NodeAgentCounts::stale_ends), 0U);
  // Nothing waits for the stop to end: suspicion takes 2 s, and looks are 250 ms apart.
  EXPECT_LT(outcome.longest_response(), 4500ms);
  // And it is used again when it is back.
  EXPECT_GT(outcome.end_at(2), 9500ms);
}

TEST_P(SilentNodes, AreWaitedForWhereSuspicionIsOff) {
  SimulationOptions options = usual(GetParam());
  options.faults.stops = {{RankId(2), SimTime(3s), SimTime(9s)}};
  options.suspicion.after = 0s;
  const Outcome outcome = outcome_of(options);
  EXPECT_EQ(outcome.task_count(), kTasks);
  EXPECT_EQ(outcome.sum(&NodeAgentCounts::reissued), 0U);
  EXPECT_EQ(outcome.sum(&NodeAgentCounts::stale_ends), 0U);
  EXPECT_GT(outcome.longest_response(), 5s);
}

TEST_P(SilentNodes, LoseNothingOfALivingHomeWhenTheyDie) {
  SimulationOptions options = usual(GetParam());
  options.faults.deaths = {{RankId(2), SimTime(3s)}};
  options.faults.drain_limit = 10s;
  const Outcome outcome = outcome_of(options);
  EXPECT_EQ(outcome.task_count(), kTasks);
}

// After its own stop a home has heard of nobody for seconds.
TEST_P(SilentNodes, AreNotSuspectedByAHomeThatWasStoppedItself) {
  SimulationOptions options = usual(GetParam());
  options.faults.stops = {{RankId(0), SimTime(3s), SimTime(9s)}};
  const Outcome outcome = outcome_of(options);
  EXPECT_EQ(outcome.task_count(), kTasks);
  EXPECT_EQ(outcome.homes[0].suspicions, 0U);
  EXPECT_LE(outcome.homes[1].suspicions, 1U) << "only the stopped home";
}

INSTANTIATE_TEST_SUITE_P(Policies, SilentNodes,
                         testing::Values("shortest_expected_delay", "tree", "random",
                                         "join_idle_queue", "late_binding", "prequal",
                                         "tree+work_stealing"),
                         [](const auto& one) {
                           std::string name = one.param;
                           std::ranges::replace(name, '+', '_');
                           return name;
                         });

// Rank 4 has the coordinator of the second cluster, and homes 0 to 3 hear of its nodes through it.
TEST(SilentCoordinator, MakesNobodySuspectItsNodes) {
  SimulationOptions options = usual("tree");
  options.nodes = EmulationSpec::parse("nodes=4x1*8;work_ms=48");
  options.tree = {.fan_out = 4, .cluster_size = 4};
  options.dispatcher_count = 4;
  options.faults.stops = {{RankId(4), SimTime(3s), SimTime(9s)}};
  const Outcome outcome = outcome_of(options);
  EXPECT_EQ(outcome.task_count(), kTasks);
  EXPECT_EQ(outcome.suspects, std::set{RankId(4)}) << "only the stopped node itself";
  for (const NodeAgentCounts& home : outcome.homes) EXPECT_LE(home.suspicions, 1U);
}

}  // namespace
}  // namespace weir
