// Jobs under trees of one to four levels of coordinators: they end with every task done, whatever
// becomes of coordinators and their messages, and steer tasks to where there is capacity.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "runtime/sim/simulation.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/poisson_source.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/task_journal.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Job {
  std::string nodes = "nodes=2x1*12;work_ms=5";
  int dispatchers = 4;
  PoissonArrivals arrivals{.rate_per_s = 800, .count = 400, .class_count = 3};  // of each home
  TreeOptions tree{.fan_out = 3, .cluster_size = 2};
  FaultOptions faults = {};
  std::uint64_t seed = 1;
};

struct Outcome final : TaskJournal {
  std::uint64_t most_control_messages = 0;  // of one rank
};

Outcome play(const Job& job, const std::string& policy) {
  const SimulationOptions options{.nodes = EmulationSpec::parse(job.nodes),
                                  .dispatcher_count = job.dispatchers,
                                  .policy = policy,
                                  .seed = job.seed,
                                  .class_count = 3,
                                  .faults = job.faults,
                                  .tree = job.tree,
                                  .report_interval = 20ms};
  PoissonArrivals arrivals = job.arrivals;
  arrivals.seed = job.seed;
  Outcome outcome;
  Simulation world(options, poisson_at_each_home(arrivals), outcome);
  world.run();
  outcome.close(world);
  for (int rank = 0; rank < world.rank_count(); ++rank) {
    outcome.most_control_messages = std::max(outcome.most_control_messages,
                                             world.agent(RankId(rank)).counts().control_messages);
  }
  return outcome;
}

Outcome outcome_of(const Job& job, const std::string& policy = "tree") {
  return play_twice([&] { return play(job, policy); });
}

std::size_t task_count(const Job& job) {
  return job.arrivals.count * static_cast<std::size_t>(job.dispatchers);
}

TEST(TreeScenario, CompletesEveryTaskUnderAnyTree) {
  for (const int cluster_size : {1, 2, 3}) {
    for (const auto ranks : {CoordinatorRanks::kShared, CoordinatorRanks::kDedicated}) {
      SCOPED_TRACE("clusters of " + std::to_string(cluster_size));
      Job job;
      job.tree = {.fan_out = 3, .cluster_size = cluster_size, .coordinators = ranks};
      EXPECT_EQ(outcome_of(job).task_count(), task_count(job));
    }
  }
}

TEST(TreeScenario, CompletesEveryTaskWithStealingOverTheTree) {
  const Job job;
  EXPECT_EQ(outcome_of(job, "tree+work_stealing").task_count(), task_count(job));
}

TEST(TreeScenario, UsesAllNodesOfAllClusters) {
  const Job job;
  const Outcome outcome = outcome_of(job);
  for (int node = 0; node < 12; ++node) EXPECT_GT(outcome.task_count_at(node), 0u) << node;
}

TEST(TreeScenario, RunsNoTasksOnDedicatedCoordinators) {
  Job job;
  job.tree = {.fan_out = 3, .cluster_size = 3, .coordinators = CoordinatorRanks::kDedicated};
  const Outcome outcome = outcome_of(job);
  EXPECT_EQ(outcome.task_count(), task_count(job));
  for (const int coordinator : {0, 3, 6, 9}) EXPECT_EQ(outcome.task_count_at(coordinator), 0u);
}

// The large nodes are all in the other cluster, and twice as many tasks come as the own one can
// run.
TEST(TreeScenario, SendsTasksToTheClusterThatHasTheCapacity) {
  Job job{.nodes = "nodes=2x1*4,8x1*4;work_ms=5",
          .dispatchers = 1,
          .arrivals = {.rate_per_s = 3200, .count = 6000, .class_count = 3}};
  job.tree = {.cluster_size = 4};
  const Outcome outcome = outcome_of(job);
  ASSERT_EQ(outcome.task_count(), task_count(job));
  EXPECT_LT(outcome.mean_response_s(), 0.010);
}

// Every rank is a home, and each sees all nodes. So the room of a node has to be divided among all
// of them, whether it is in their cluster or not, for none to have a queue.
TEST(TreeScenario, DividesNodesAmongTheHomesOfAllClusters) {
  Job job{.nodes = "nodes=32x1*12;work_ms=50",
          .dispatchers = 12,
          .arrivals = {.rate_per_s = 500, .count = 1500, .class_count = 3}};
  job.tree = {.fan_out = 4, .cluster_size = 4};
  const double by_all = outcome_of(job, "priced_shortest_expected_delay:price=0").mean_response_s();
  EXPECT_LT(outcome_of(job).mean_response_s(), 1.03 * by_all);
}

// Rank 0 has the coordinator of a cluster and that of all, rank 4 that of another cluster.
TEST(TreeScenario, GoesOnWhileACoordinatorIsStopped) {
  Job job;
  job.tree = {.fan_out = 4, .cluster_size = 4};
  job.dispatchers = 6;
  for (const int stopped : {0, 4}) {
    SCOPED_TRACE("rank " + std::to_string(stopped) + " is stopped");
    job.faults.stops = {{RankId(stopped), SimTime(100ms), SimTime(400ms)}};
    const Outcome outcome = outcome_of(job);
    EXPECT_EQ(outcome.task_count(), task_count(job));
    const Outcome undisturbed = outcome_of({.dispatchers = 6, .tree = job.tree});
    // The stopped rank submits none meanwhile, and holds some of the others.
    EXPECT_GT(outcome.completed_between(150ms, 400ms),
              undisturbed.completed_between(150ms, 400ms) * 6 / 10);
  }
}

TEST(TreeScenario, SurvivesLostRepeatedAndLateMessagesFromOneLevelToAnother) {
  for_each_seed(50, [](std::uint64_t seed) {
    Job job{.seed = seed};
    job.tree = {.fan_out = 2 + static_cast<int>(seed % 4),
                .cluster_size = 1 + static_cast<int>(seed % 2)};
    job.arrivals.count = 100;
    job.faults = {.delayed_share = 0.1,
                  .mean_delay = 30ms,
                  .lost_report_share = 0.3,
                  .duplicated_report_share = 0.3};
    job.faults.stops = {
        {RankId(static_cast<std::int32_t>(seed % 12)), SimTime(20ms), SimTime(60ms)}};
    EXPECT_EQ(outcome_of(job).task_count(), task_count(job));
  });
}

// Rank 0 is coordinator at every level, and has most to say; it is not asked by everybody.
TEST(TreeScenario, HasNoRankThatSpeaksToAll) {
  const Job small{.nodes = "nodes=1x1*64;work_ms=5", .tree = {.fan_out = 8, .cluster_size = 8}};
  const Job large{.nodes = "nodes=1x1*512;work_ms=5", .tree = {.fan_out = 8, .cluster_size = 8}};
  const Outcome few = outcome_of(small);
  const Outcome many = outcome_of(large);
  EXPECT_EQ(many.task_count(), task_count(large));
  // One level more.
  EXPECT_LT(many.most_control_messages, few.most_control_messages * 2);
}

}  // namespace
}  // namespace weir
