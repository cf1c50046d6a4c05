// Worlds drawn from a seed: nodes, network, faults, parked nodes and steps of speed. Whatever goes
// wrong, every task completes once, or is counted as lost where a node dies.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "runtime/base/random.hpp"
#include "runtime/policy/policy_registry.hpp"
#include "runtime/sim/simulation.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/poisson_source.hpp"
#include "tests/support/seeds.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr int kClasses = 3;

struct World {
  SimulationOptions options;
  PoissonArrivals arrivals;
};

SimTime time_up_to(Random& random, Duration most) {
  return SimTime(
      Duration(static_cast<Duration::rep>(random.below(static_cast<std::uint64_t>(most.count())))));
}

std::string draw_nodes(Random& random) {
  std::string nodes = "nodes=1x1*2,2x0.8*4;clusters=2;work_ms=5";
  if (random.below(2) == 0) nodes += ";drift_speed=0.4;drift_good_s=0.3;drift_slow_s=0.1";
  if (random.below(2) == 0) nodes += ";interference_beta=1;interference_classes=1/2";
  if (random.below(2) == 0) nodes += ";size=hyperexponential;size_c2=4";
  nodes += ";speed_step=1x0.5@0.4,1x1@0.6";
  if (random.below(2) == 0) nodes += ";interference_model=continuous";
  return nodes;
}

NetworkOptions draw_network(Random& random) {
  NetworkOptions network{.latency = 20us, .host_latency = 2us, .ranks_per_host = 2};
  if (random.below(2) == 0) network.far_latency = 2ms;
  if (random.below(3) == 0) network.bytes_per_s = 1e6;
  if (random.below(2) == 0) network.uplink_bytes_per_s = 2e6;
  if (random.below(2) == 0) network.slow_links = {{SlowLink::Of::kRank, 4, 20}};
  return network;
}

FaultOptions draw_faults(Random& random, int rank_count) {
  FaultOptions faults{.delayed_share = 0.05 * static_cast<double>(random.below(3)),
                      .mean_delay = 20ms,
                      .lost_report_share = 0.3 * static_cast<double>(random.below(3)),
                      .duplicated_report_share = 0.3 * static_cast<double>(random.below(3))};
  for (int rank = 0; rank < rank_count; ++rank) {
    if (random.below(3) != 0) continue;
    const SimTime from = time_up_to(random, 800ms);
    faults.stops.push_back(
        {RankId(rank), from, from + 1ms + time_up_to(random, 400ms).time_since_epoch()});
  }
  return faults;
}

ParkingOptions draw_parking(Random& random, int rank_count) {
  ParkingOptions parking{.parked = {}, .warm_up = 100ms};
  // Rank 0 stays: tasks must go somewhere.
  for (int rank = 1; rank < rank_count; ++rank) {
    if (random.below(4) != 0) continue;
    const SimTime from = random.below(2) == 0 ? SimTime{} : time_up_to(random, 500ms);
    const bool comes_back = random.below(2) == 0;
    parking.parked.push_back({RankId(rank), from, comes_back ? from + 300ms : kEndOfTime});
  }
  return parking;
}

// A policy may be followed by this, in place of its usual migration.
constexpr std::string_view kMigrating = " migrating";

World draw_world(std::uint64_t seed, std::string policy) {
  Random random(seed);
  World world;
  if (policy.ends_with(kMigrating)) {
    policy.resize(policy.size() - kMigrating.size());
    world.options.migration = Migration::kOn;
  }
  SimulationOptions& o = world.options;
  o.nodes = EmulationSpec::parse(draw_nodes(random));
  o.dispatcher_count = static_cast<int>(1 + random.below(4));
  o.policy = policy;
  o.seed = seed;
  o.class_count = kClasses;
  o.network = draw_network(random);
  o.faults = draw_faults(random, o.nodes.node_count());
  o.parking = draw_parking(random, o.nodes.node_count());
  o.report_interval = 10ms;
  // Soon enough to matter in worlds of a second, in every second one.
  o.heartbeat = 20ms;
  o.suspicion.after = random.below(2) == 0 ? 100ms : 2s;
  o.check_invariants = true;
  world.arrivals = {.rate_per_s = 600.0 / o.dispatcher_count,
                    .count = 600 / static_cast<std::uint64_t>(o.dispatcher_count),
                    .seed = seed,
                    .class_count = kClasses};
  return world;
}

// Two nodes die; none of those that submit, so that all is submitted.
void let_nodes_die(World& world, std::uint64_t seed) {
  Random random(seed, 1);
  SimulationOptions& o = world.options;
  o.faults.stops.clear();
  for (const int rank : {5, 3}) {
    if (rank < o.dispatcher_count) continue;
    o.faults.deaths.push_back({RankId(rank), time_up_to(random, 700ms)});
  }
  o.faults.drain_limit = 5s;
  o.parking.parked.clear();
}

// How often each task was submitted and completed.
struct Journal final : SimulationSink {
  void on_completed(const CompletedTask& task, SimTime) override { ++completed[task.header.id]; }
  std::set<TaskId> submitted;
  std::map<TaskId, int> completed;
};

// Writes down what it hands out.
class WrittenSource final : public TaskSource {
 public:
  WrittenSource(const PoissonArrivals& arrivals, Instant start, std::set<TaskId>& submitted)
      : source_(arrivals, start), submitted_(submitted) {}
  Instant next_due() const override { return source_.next_due(); }
  Task take() override {
    Task task = source_.take();
    EXPECT_TRUE(submitted_.insert(task.header.id).second);
    return task;
  }
  bool exhausted() const override { return source_.exhausted(); }

 private:
  PoissonSource source_;
  std::set<TaskId>& submitted_;
};

struct Outcome {
  std::uint64_t journal = 0;
  std::uint64_t lost = 0;
  bool gave_up = false;
  bool operator==(const Outcome&) const = default;
};

Outcome play(const World& world) {
  Journal tasks;
  const auto source = [&](RankId home, Instant start) {
    PoissonArrivals arrivals = world.arrivals;
    arrivals.stream = static_cast<std::uint16_t>(home.value());
    return std::make_unique<WrittenSource>(arrivals, start, tasks.submitted);
  };
  Simulation simulation(world.options, source, tasks);
  simulation.run();
  Outcome outcome{simulation.journal(), tasks.submitted.size() - tasks.completed.size(),
                  simulation.gave_up()};
  for (const auto& [id, times] : tasks.completed) {
    EXPECT_EQ(times, 1);
    EXPECT_TRUE(tasks.submitted.contains(id));
  }
  std::uint64_t still_waited_for = 0;
  for (int rank = 0; rank < simulation.rank_count(); ++rank) {
    still_waited_for += simulation.agent(RankId(rank)).in_flight();
  }
  EXPECT_EQ(outcome.lost, still_waited_for);
  EXPECT_EQ(tasks.submitted.size(),
            world.arrivals.count * static_cast<unsigned>(world.options.dispatcher_count));
  return outcome;
}

Outcome outcome_of(const World& world) {
  return play_twice([&world] { return play(world); });
}

void expect_all_complete(std::uint64_t seed, const std::string& policy) {
  const Outcome outcome = outcome_of(draw_world(seed, policy));
  EXPECT_EQ(outcome.lost, 0U);
  EXPECT_FALSE(outcome.gave_up);
}

void expect_losses_counted(std::uint64_t seed, const std::string& policy) {
  World world = draw_world(seed, policy);
  let_nodes_die(world, seed);
  const Outcome outcome = outcome_of(world);
  EXPECT_EQ(outcome.gave_up, !world.options.faults.deaths.empty());
  if (world.options.faults.deaths.empty()) {
    EXPECT_EQ(outcome.lost, 0U);
  }
}

void for_five_seeds(const std::string& policy,
                    void (*check)(std::uint64_t seed, const std::string& policy)) {
  for_each_seed(5, [&](std::uint64_t seed) { check(seed, policy); });
}

class FaultyWorlds : public testing::TestWithParam<std::string> {};

TEST_P(FaultyWorlds, CompleteEveryTaskOnce) { for_five_seeds(GetParam(), expect_all_complete); }

TEST_P(FaultyWorlds, DoSoWhenIdleNodesStealToo) {
  for_five_seeds(GetParam() + "+work_stealing", expect_all_complete);
}

TEST_P(FaultyWorlds, LoseOnlyWhatDeadNodesHeld) {
  for_five_seeds(GetParam(), expect_losses_counted);
}

TEST_P(FaultyWorlds, DoSoWhileCoordinatorsMoveQueuedTasks) {
  for_five_seeds(GetParam() + std::string(kMigrating), expect_all_complete);
  for_five_seeds(GetParam() + std::string(kMigrating), expect_losses_counted);
}

TEST(FaultyWorldsOfTheOracle, CompleteEveryTaskOnceOrLoseWhatDeadNodesHeld) {
  for_five_seeds(std::string(kOraclePolicy), expect_all_complete);
  for_five_seeds(std::string(kOraclePolicy), expect_losses_counted);
}

std::vector<std::string> all_policies() {
  std::vector<std::string> names;
  for (const PolicyInfo& policy : policy_catalogue()) names.emplace_back(policy.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Policies, FaultyWorlds, testing::ValuesIn(all_policies()),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace weir
