// Jobs whose nodes are parked and called back by the root coordinator: every task is done, less is
// switched on, and a peak finds the nodes on again.

#include <gtest/gtest.h>

#include <numeric>

#include "ml/inference/weight_file.hpp"
#include "runtime/sim/simulation.hpp"
#include "tests/support/forecaster_weights.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/poisson_source.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/task_journal.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Job {
  std::string policy = "tree";
  // A tenth of the capacity, for fifty seconds.
  PoissonArrivals arrivals{.rate_per_s = 8, .count = 400, .class_count = 2};  // of each of 4 homes
  FaultOptions faults = {};
  CapacityOptions capacity{.control = CapacityControl::kReactive,
                           .planner = {.headroom = 0.5, .warm_up = 2s, .park_after = 3s},
                           .forecast = {}};
};

struct Outcome final : TaskJournal {
  double node_s = 0;         // switched on, of all nodes
  double all_node_s = 0;     // of the world
  std::vector<int> workers;  // on offer at the end, by rank
};

SimulationOptions world_of(const Job& job) {
  return {.nodes = EmulationSpec::parse("nodes=4x1*16;clusters=4;work_ms=200"),
          .dispatcher_count = 4,
          .policy = job.policy,
          .class_count = 2,
          .faults = job.faults,
          .capacity = job.capacity,
          .tree = {.fan_out = 4, .cluster_size = 4}};
}

Outcome play(const Job& job, SimTime end = kEndOfTime) {
  Outcome outcome;
  Simulation world(world_of(job), poisson_at_each_home(job.arrivals), outcome);
  world.run_until(end);
  outcome.close(world);
  for (int rank = 0; rank < world.rank_count(); ++rank) {
    outcome.node_s += to_seconds(world.powered(RankId(rank)));
  }
  outcome.all_node_s = world.rank_count() * to_seconds(world.now().time_since_epoch());
  return outcome;
}

constexpr std::size_t kTasks = 1600;

TEST(PlannedCapacityScenario, ParksWhatIsNotNeededAndCompletesEveryTask) {
  for (const char* policy : {"tree", "join_idle_queue", "late_binding", "tree+work_stealing"}) {
    SCOPED_TRACE(policy);
    const Job job{.policy = policy};
    const Outcome outcome = play_twice([&] { return play(job); });
    EXPECT_EQ(outcome.task_count(), kTasks);
    // One node of each cluster and what is needed beside, after ten seconds in which all are on.
    EXPECT_LT(outcome.node_s, 0.6 * outcome.all_node_s);
    EXPECT_GT(outcome.node_s, 0.25 * outcome.all_node_s);
    EXPECT_LT(outcome.longest_response(), 4s);
  }
}

TEST(PlannedCapacityScenario, LeavesEverythingOnWhereNobodyPlansIt) {
  Job job;
  job.capacity.control = CapacityControl::kFixed;
  const Outcome outcome = play(job);
  EXPECT_NEAR(outcome.node_s, outcome.all_node_s, 1e-6);
}

TEST(PlannedCapacityScenario, GoesByAnyForecastAndCompletesEveryTask) {
  const ScratchFolder folder;
  for (const std::uint64_t seed : {1, 2, 3}) {
    SCOPED_TRACE("weights of seed " + std::to_string(seed));
    Job job;
    job.capacity.control = CapacityControl::kForecast;
    job.capacity.forecast.weights = folder / "forecaster.h5";
    job.capacity.forecast.kinds = {"social", "iot"};
    // Large enough to say anything.
    write_weights(forecaster_weights(seed, 8, 2), job.capacity.forecast.weights);
    const Outcome outcome = play_twice([&] { return play(job); });
    EXPECT_EQ(outcome.task_count(), kTasks);
    EXPECT_LT(outcome.node_s, 0.8 * outcome.all_node_s);
    EXPECT_LT(outcome.longest_response(), 8s);
  }
}

TEST(PlannedCapacityScenario, SurvivesLostAndRepeatedReportsAndOrders) {
  for (const char* policy : {"tree", "join_idle_queue"}) {
    SCOPED_TRACE(policy);
    Job job{.policy = policy};
    job.faults = {.delayed_share = 0.05,
                  .mean_delay = 20ms,
                  .lost_report_share = 0.3,
                  .duplicated_report_share = 0.3};
    const Outcome outcome = play_twice([&] { return play(job); });
    EXPECT_EQ(outcome.task_count(), kTasks);
    EXPECT_LT(outcome.node_s, 0.7 * outcome.all_node_s);
  }
}

TEST(PlannedCapacityScenario, CompletesEveryTaskWhileCoordinatorsStop) {
  Job job;
  job.faults.stops = {{RankId(0), SimTime(15s), SimTime(20s)},
                      {RankId(4), SimTime(25s), SimTime(28s)},
                      {RankId(9), SimTime(18s), SimTime(30s)}};
  EXPECT_EQ(play_twice([&] { return play(job); }).task_count(), kTasks);
}

// Ten seconds after the last order.
TEST(PlannedCapacityScenario, HasAllNodesOnAgainWhenTheRootIsGone) {
  Job job;
  job.faults.deaths = {{RankId(0), SimTime(20s)}};
  const Outcome before = play(job, SimTime(36s));
  const Outcome after = play(job, SimTime(46s));
  EXPECT_NEAR(after.node_s - before.node_s, 15 * 10, 1) << "the dead one is off";
  Job with_root;
  const double usual = play(with_root, SimTime(46s)).node_s - play(with_root, SimTime(36s)).node_s;
  EXPECT_LT(usual, 0.5 * 16 * 10);
}

// From a tenth to three quarters of the capacity, with 400 tasks of the first load at each home.
class StepSource final : public TaskSource {
 public:
  StepSource(PoissonArrivals each, Instant start)
      : low_(each, start), high_(high_of(each), start + 40s) {}

  Instant next_due() const override { return std::min(low_.next_due(), high_.next_due()); }
  Task take() override { return low_.next_due() <= high_.next_due() ? low_.take() : high_.take(); }
  bool exhausted() const override { return low_.exhausted() && high_.exhausted(); }

 private:
  static PoissonArrivals high_of(PoissonArrivals each) {
    each.rate_per_s = 52;
    each.count = 52 * 40;
    each.stream = static_cast<std::uint16_t>(each.stream + 100);
    return each;
  }

  PoissonSource low_;
  PoissonSource high_;
};

TEST(PlannedCapacityScenario, CallsNodesBackWhenMoreWorkComes) {
  const Job job;
  Outcome outcome;
  Simulation world(
      world_of(job),
      [&](RankId home, Instant start) {
        PoissonArrivals own = job.arrivals;
        own.stream = static_cast<std::uint16_t>(home.value());
        return std::make_unique<StepSource>(own, start);
      },
      outcome);
  const auto workers = [&] {
    double powered = 0;
    for (int rank = 0; rank < world.rank_count(); ++rank) {
      powered += to_seconds(world.powered(RankId(rank)));
    }
    return powered;
  };
  const auto switched_on_between = [&](SimTime from, SimTime to) {
    world.run_until(from);
    const double before = workers();
    world.run_until(to);
    return (workers() - before) / to_seconds(to - from);
  };
  EXPECT_LT(switched_on_between(SimTime(30s), SimTime(40s)), 8);
  EXPECT_GT(switched_on_between(SimTime(55s), SimTime(75s)), 14);
  world.run();
  EXPECT_EQ(outcome.task_count(), kTasks + 4 * 52 * 40);
}

}  // namespace
}  // namespace weir
