// Queued tasks that coordinators move: from where too many are to where there is room, within a
// cluster and between clusters, not to and fro, and without losing any.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "runtime/sim/simulation.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/poisson_source.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/task_journal.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Job {
  std::string nodes = "nodes=1x1*4;work_ms=10;size=exponential";
  std::string policy = "local";
  Migration migration = Migration::kOn;
  int dispatchers = 1;
  PoissonArrivals arrivals{.rate_per_s = 4000, .count = 2000, .class_count = 2};  // of each home
  TreeOptions tree = {};
  FaultOptions faults = {};
  std::uint64_t seed = 1;
};

struct Outcome final : TaskJournal, MoveObserver {
  void on_decided(const DecidedMove& move, Instant now) override {
    decided.push_back(move);
    const auto key = [&](RankId from, RankId to) { return std::tuple(move.level, from, to); };
    const auto back = last_moves.find(key(move.to, move.from));
    EXPECT_TRUE(back == last_moves.end() || now - back->second >= 200ms)
        << "to and fro between " << move.from.value() << " and " << move.to.value();
    last_moves[key(move.from, move.to)] = now;
  }
  void on_done(const MoveDone& done, Instant) override { told += done.level == 1 ? done.moved : 0; }

  std::vector<DecidedMove> decided;
  std::map<std::tuple<std::uint8_t, RankId, RankId>, Instant> last_moves;
  std::uint64_t told = 0;   // moved, as coordinators heard
  std::uint64_t given = 0;  // moved, as nodes counted
  std::uint64_t moved = 0;  // as homes counted
};

Outcome play(const Job& job) {
  Outcome outcome;
  const SimulationOptions options{
      .nodes = EmulationSpec::parse(job.nodes),
      .dispatcher_count = job.dispatchers,
      .policy = job.policy,
      .seed = job.seed,
      .class_count = 2,
      .faults = job.faults,
      .tree = job.tree,
      .report_interval = 20ms,
      .migration = job.migration,
      .observe_moves = [&](RankId, const SimTime&) -> MoveObserver* { return &outcome; }};
  PoissonArrivals arrivals = job.arrivals;
  arrivals.seed = job.seed;
  Simulation world(options, poisson_at_each_home(arrivals), outcome);
  world.run();
  outcome.close(world);
  for (int rank = 0; rank < world.rank_count(); ++rank) {
    outcome.given += world.agent(RankId(rank)).hand_over_counts().tasks_given;
    outcome.moved += world.agent(RankId(rank)).counts().moved;
    EXPECT_EQ(world.agent(RankId(rank)).offered_task_count(), 0u);
  }
  return outcome;
}

Outcome outcome_of(const Job& job) {
  return play_twice([&job] { return play(job); });
}

std::size_t task_count(const Job& job) {
  return job.arrivals.count * static_cast<std::size_t>(job.dispatchers);
}

TEST(MigrationScenario, LevelsWhatCameToOneNode) {
  const Job job;
  const Outcome outcome = outcome_of(job);
  EXPECT_EQ(outcome.task_count(), task_count(job));
  // Four workers have 2000 tasks of 10 ms.
  EXPECT_LT(outcome.end(), 5s * 1.08);
  for (int node = 0; node < 4; ++node) {
    EXPECT_NEAR(static_cast<double>(outcome.task_count_at(node)), 500, 75) << node;
  }
  EXPECT_EQ(outcome.told, outcome.given);
  EXPECT_EQ(outcome.moved, outcome.given);

  const Outcome alone = outcome_of({.migration = Migration::kOff});
  EXPECT_GT(alone.end(), 18s);
  EXPECT_TRUE(alone.decided.empty());
}

// A fixed share each, and node 0 has lost half of its speed.
TEST(MigrationScenario, RelievesANodeThatHasBecomeSlow) {
  Job job{.nodes = "nodes=2x1*1,2x1*3;work_ms=10;size=exponential;speed_step=0x0.5@0.5",
          .policy = "static"};
  job.arrivals = {.rate_per_s = 560, .count = 4000, .class_count = 2};
  const Outcome relieved = outcome_of(job);
  job.migration = Migration::kOff;
  const Outcome alone = outcome_of(job);
  EXPECT_EQ(relieved.task_count(), task_count(job));
  EXPECT_GT(alone.end(), relieved.end() * 1.15);
}

TEST(MigrationScenario, HardlyMovesWhatIsBalanced) {
  Job job{.nodes = "nodes=8x1*8;work_ms=10;size=exponential", .policy = "static"};
  job.arrivals = {.rate_per_s = 5000, .count = 20'000, .class_count = 2};
  const Outcome outcome = outcome_of(job);
  EXPECT_EQ(outcome.task_count(), task_count(job));
  EXPECT_LT(outcome.given, 20'000u * 2 / 100);
}

TEST(MigrationScenario, NeverMovesATaskTwiceNorAPairToAndFro) {
  for_each_seed(10, [](std::uint64_t seed) {
    Job job{.nodes =
                "nodes=1x1*2,2x0.7*4;work_ms=10;size=hyperexponential;size_c2=4;"
                "drift_speed=0.4;drift_good_s=0.5;drift_slow_s=0.3",
            .policy = "random",
            .dispatchers = 3,
            .seed = seed};
    job.arrivals = {.rate_per_s = 180, .count = 500, .class_count = 2};
    const Outcome outcome = outcome_of(job);
    EXPECT_EQ(outcome.task_count(), task_count(job));
    EXPECT_GT(outcome.given, 0u);
    // Each task that has moved is counted once by its home, each hand-over by its giver.
    EXPECT_EQ(outcome.moved, outcome.given);
  });
}

// Two clusters; one of them loses nine tenths of its speed behind tasks that were placed before.
TEST(MigrationScenario, SendsQuotasFromOneClusterToTheOther) {
  Job job{.nodes = "nodes=1x1*4,1x1*4;work_ms=10;size=exponential", .policy = "tree"};
  job.tree = {.cluster_size = 4};
  // What a home places is spread by its directive; the speed of half of the nodes falls behind it.
  job.nodes += ";speed_step=0x0.1@0.6";
  job.arrivals = {.rate_per_s = 3000, .count = 1500, .class_count = 2};
  const Outcome outcome = outcome_of(job);
  EXPECT_EQ(outcome.task_count(), task_count(job));
  const auto count_of = [&](MoveKind kind) {
    return std::ranges::count(outcome.decided, kind, &DecidedMove::kind);
  };
  EXPECT_GT(count_of(MoveKind::kQuota), 0);
  EXPECT_GT(count_of(MoveKind::kOfQuota), 0);
  job.migration = Migration::kOff;
  const Outcome alone = outcome_of(job);
  EXPECT_LT(outcome.end(), alone.end() / 2);
}

TEST(MigrationScenario, LosesNothingWhileMessagesAreLateOrLostAndNodesStop) {
  for_each_seed(30, [](std::uint64_t seed) {
    Job job{.nodes = "nodes=1x1*12;work_ms=5;size=exponential", .seed = seed};
    job.policy = seed % 2 == 0 ? "local" : "tree";
    job.tree = {.fan_out = 2 + static_cast<int>(seed % 3),
                .cluster_size = 1 + static_cast<int>(seed % 2)};
    job.arrivals.count = 300;
    job.faults = {.delayed_share = 0.1,
                  .mean_delay = 30ms,
                  .lost_report_share = 0.3,
                  .duplicated_report_share = 0.3};
    for (int stop = 0; stop < 3; ++stop) {
      const auto rank = static_cast<std::int32_t>((seed + 5 * stop) % 12);
      job.faults.stops.push_back(
          {RankId(rank), SimTime(20ms + stop * 30ms), SimTime(120ms + stop * 50ms)});
    }
    const Outcome outcome = outcome_of(job);
    EXPECT_EQ(outcome.task_count(), task_count(job));
  });
}

}  // namespace
}  // namespace weir
