// Worlds drawn from a seed: nodes, network, faults, parked nodes and steps of speed. Whatever goes
// wrong, every task completes once: also those that a dead node had, unless nobody is ever
// suspected. Then those are lost and no others.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "runtime/base/random.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/sim/simulation.hpp"
#include "tests/support/drawn_faults.hpp"
#include "tests/support/play_twice.hpp"
#include "tests/support/poisson_source.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/world_checker.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

constexpr int kClasses = 3;

struct World {
  SimulationOptions options;
  PoissonArrivals arrivals;
};

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

ParkingOptions draw_parking(Random& random, int rank_count) {
  ParkingOptions parking{.parked = {}, .warm_up = 100ms};
  // Rank 0 stays: tasks must go somewhere.
  for (int rank = 1; rank < rank_count; ++rank) {
    if (random.below(4) != 0) continue;
    const SimTime from = random.below(2) == 0 ? SimTime{} : SimTime(duration_up_to(random, 500ms));
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
  o.faults = draw_faults(random, o.nodes.node_count(), 3, 400ms);
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
void let_nodes_die(World& world) {
  SimulationOptions& o = world.options;
  Random random(o.seed, 1);
  o.faults.stops.clear();
  for (const int rank : {5, 3}) {
    if (rank < o.dispatcher_count) continue;
    o.faults.deaths.push_back({RankId(rank), SimTime(duration_up_to(random, 700ms))});
  }
  // A single home that keeps all its tasks has work for more than five seconds.
  o.faults.drain_limit = 10s;
  o.parking.parked.clear();
}

struct Outcome {
  std::uint64_t journal = 0;
  std::uint64_t lost = 0;
  bool operator==(const Outcome&) const = default;
};

bool dies(const World& world, RankId rank) {
  return std::ranges::find(world.options.faults.deaths, rank, &NodePeriod::rank) !=
         world.options.faults.deaths.end();
}

// Where nobody is suspected: what has not completed was at a dead node or on the way to one, and
// its home thinks so too, or that it is where it was offered to a dead node.
void expect_losses_of_dead_nodes(const World& world, Simulation& simulation,
                                 const WorldChecker& checker) {
  for (const TaskId task : checker.incomplete()) {
    const RankId node = checker.last_node(task);
    EXPECT_TRUE(node == kNoRank || dies(world, node))
        << "task " << task.value() << " was lost at node " << node.value() << ", which lives";
  }
  std::uint64_t thought_alive = 0;
  std::uint64_t offered = 0;
  for (int rank = 0; rank < simulation.rank_count(); ++rank) {
    if (dies(world, RankId(rank))) continue;
    const AgentState state = simulation.agent(RankId(rank)).state(Instant{});
    for (std::size_t node = 0; node < state.nodes.size(); ++node) {
      if (dies(world, RankId(static_cast<std::int32_t>(node)))) continue;
      for (const std::uint32_t tasks : state.nodes[node].in_table) thought_alive += tasks;
    }
    offered += simulation.agent(RankId(rank)).offered_task_count();
  }
  EXPECT_EQ(thought_alive, offered) << "a living node has lost tasks";
}

// A world with a death ends by the drain limit alone; but before that nothing happens any more once
// all is complete, or for two seconds nothing was.
void run(const World& world, std::uint64_t task_count, Simulation& simulation,
         const WorldChecker& checker) {
  std::size_t completed = 0;
  SimTime last_completion{};
  for (SimTime until{250ms}; !simulation.finished(); until += 250ms) {
    simulation.run_until(until);
    if (checker.completed_count() > completed) last_completion = until;
    completed = checker.completed_count();
    if (world.options.faults.deaths.empty()) continue;
    const bool waits_for_ever =
        world.options.suspicion.after == 0s && until - last_completion >= 2s;
    if (completed == task_count || waits_for_ever) return;
  }
}

Outcome play(const World& world) {
  WorldChecker checker({});
  SimulationOptions options = world.options;
  checker.look_at(options);
  Simulation simulation(
      options,
      [&](RankId home, Instant start) {
        PoissonArrivals arrivals = world.arrivals;
        arrivals.stream = static_cast<std::uint16_t>(home.value());
        return std::make_unique<CheckedSource>(arrivals, start, checker);
      },
      checker);
  checker.look_at(simulation);
  const std::uint64_t task_count =
      world.arrivals.count * static_cast<unsigned>(world.options.dispatcher_count);
  run(world, task_count, simulation, checker);
  if (world.options.faults.deaths.empty()) {
    EXPECT_FALSE(simulation.gave_up()) << "nobody noticed that all was complete";
  }
  const std::uint64_t lost = checker.incomplete().size();
  checker.expect_settled(lost);
  EXPECT_EQ(checker.submitted_count(), task_count);
  std::uint64_t still_waited_for = 0;
  for (int rank = 0; rank < simulation.rank_count(); ++rank) {
    still_waited_for += simulation.agent(RankId(rank)).in_flight();
  }
  EXPECT_EQ(lost, still_waited_for);
  if (world.options.suspicion.after == 0s) expect_losses_of_dead_nodes(world, simulation, checker);
  return {simulation.journal(), lost};
}

Outcome outcome_of(const World& world) {
  return play_twice([&world] { return play(world); });
}

void expect_all_complete(std::uint64_t seed, const std::string& policy) {
  EXPECT_EQ(outcome_of(draw_world(seed, policy)).lost, 0U);
}

void expect_all_complete_though_nodes_die(std::uint64_t seed, const std::string& policy) {
  World world = draw_world(seed, policy);
  let_nodes_die(world);
  EXPECT_EQ(outcome_of(world).lost, 0U);
}

void expect_only_losses_of_dead_nodes(std::uint64_t seed, const std::string& policy) {
  World world = draw_world(seed, policy);
  let_nodes_die(world);
  world.options.suspicion.after = 0s;
  outcome_of(world);
}

using Check = void (*)(std::uint64_t seed, const std::string& policy);

void for_seeds(std::uint64_t count, const std::string& policy, Check check) {
  for_each_seed(count, [&](std::uint64_t seed) { check(seed, policy); });
}

class FaultyWorlds : public testing::TestWithParam<std::string> {};

TEST_P(FaultyWorlds, CompleteEveryTaskOnce) { for_seeds(5, GetParam(), expect_all_complete); }

TEST_P(FaultyWorlds, DoSoWhenIdleNodesStealToo) {
  for_seeds(5, GetParam() + "+work_stealing", expect_all_complete);
}

TEST_P(FaultyWorlds, CompleteWhatDeadNodesHeld) {
  for_seeds(5, GetParam(), expect_all_complete_though_nodes_die);
}

TEST_P(FaultyWorlds, LoseOnlyWhatDeadNodesHeldWhereNobodyIsSuspected) {
  for_seeds(3, GetParam(), expect_only_losses_of_dead_nodes);
}

TEST_P(FaultyWorlds, DoSoWhileCoordinatorsMoveQueuedTasks) {
  const std::string policy = GetParam() + std::string(kMigrating);
  for_seeds(5, policy, expect_all_complete);
  for_seeds(5, policy, expect_all_complete_though_nodes_die);
  for_seeds(3, policy, expect_only_losses_of_dead_nodes);
}

TEST(FaultyWorldsOfTheOracle, CompleteEveryTaskOnceOrLoseWhatDeadNodesHeld) {
  const std::string policy(kOraclePolicy);
  for_seeds(5, policy, expect_all_complete);
  for_seeds(5, policy, expect_all_complete_though_nodes_die);
  for_seeds(3, policy, expect_only_losses_of_dead_nodes);
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
