// Worlds in which ranks die or stop for long: the others finish, and every task counts once.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/sim/simulation.hpp"
#include "tests/support/surviving_home.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct World {
  int ranks = 8;
  int homes = 8;
  std::string policy = "tree";
  std::uint64_t seed = 1;
  std::uint64_t tasks_each = 2000;
  double rate_each = 200;
  FaultOptions faults = {};
  TreeOptions tree = {};
};

// Runs it, and says what the ranks that live have counted.
class SurvivingWorld final : public SimulationSink {
 public:
  explicit SurvivingWorld(const World& world) : world_(world), homes_(world.ranks) {
    SimulationOptions options;
    options.nodes = EmulationSpec::parse("nodes=4x1*" + std::to_string(world.ranks) +
                                         ";work_ms=10;size=hyperexponential;size_c2=4");
    options.dispatcher_count = world.homes;
    options.policy = world.policy;
    options.seed = world.seed;
    options.faults = world.faults;
    options.tree = world.tree;
    options.check_invariants = true;
    options.survival = SimulatedSurvival{.copies_of = [this](RankId rank) {
      return homes_[static_cast<std::size_t>(rank.value())];
    }};
    simulation_ = std::make_unique<Simulation>(
        options,
        [this](RankId rank, Instant start) {
          auto home = std::make_unique<SurvivingHome>(
              PoissonArrivals{
                  .rate_per_s = world_.rate_each, .count = world_.tasks_each, .seed = world_.seed},
              rank, rank.value() < world_.homes, start);
          homes_[static_cast<std::size_t>(rank.value())] = home.get();
          return home;
        },
        *this);
  }

  void run() { simulation_->run(); }

  void on_completed(const CompletedTask& task, SimTime) override {
    homes_[static_cast<std::size_t>(task.header.home.value())]->on_completed(task.header.id);
  }

  bool gave_up() const { return simulation_->gave_up(); }
  NodeAgent& agent(int rank) { return simulation_->agent(RankId(rank)); }
  SimTime now() const { return simulation_->now(); }

  // All that live finished, know of these, and have counted every task once.
  void expect_exact(const std::set<int>& out) {
    EXPECT_FALSE(gave_up());
    std::uint64_t completed = 0;
    std::uint64_t sum = 0;
    for (int rank = 0; rank < world_.ranks; ++rank) {
      if (out.contains(rank)) continue;
      ASSERT_TRUE(agent(rank).finished()) << "rank " << rank;
      const Survival& survival = *agent(rank).survival();
      EXPECT_EQ(survival.members().out().size(), out.size()) << "rank " << rank;
      EXPECT_FALSE(survival.is_fenced()) << "rank " << rank;
      for (const RankId home : survival.restarted_homes()) restarted_.insert(home);
      completed += homes_[static_cast<std::size_t>(rank)]->completed();
      sum += homes_[static_cast<std::size_t>(rank)]->sum_of_ids();
    }
    EXPECT_EQ(completed, world_.tasks_each * static_cast<std::uint64_t>(world_.homes));
    std::uint64_t all = 0;
    for (int home = 0; home < world_.homes; ++home) {
      for (std::uint64_t i = 0; i < world_.tasks_each; ++i) {
        all += make_task_id(StreamId(static_cast<std::uint16_t>(home)), i).value();
      }
    }
    EXPECT_EQ(sum, all);
  }

  // Known after expect_exact().
  const std::set<RankId>& restarted() const { return restarted_; }

 private:
  World world_;
  std::vector<SurvivingHome*> homes_;
  std::unique_ptr<Simulation> simulation_;
  std::set<RankId> restarted_;
};

TEST(Survival, LetsARunEndAsEverWhereNobodyDies) {
  SurvivingWorld world({});
  world.run();
  world.expect_exact({});
}

TEST(Survival, FinishesWithoutAnyOneOfTheRanks) {
  for (int dead = 0; dead < 8; ++dead) {
    SCOPED_TRACE(dead);
    World options;
    options.faults.deaths = {{RankId(dead), SimTime(3s)}};
    SurvivingWorld world(options);
    world.run();
    world.expect_exact({dead});
  }
}

TEST(Survival, FinishesWithoutTheOnlyHome) {
  World options{.ranks = 4, .homes = 1, .tasks_each = 8000, .rate_each = 800};
  options.faults.deaths = {{RankId(0), SimTime(3s)}};
  SurvivingWorld world(options);
  world.run();
  world.expect_exact({0});
}

TEST(Survival, FinishesAloneWhereTheOtherOfTwoDies) {
  for (int dead = 0; dead < 2; ++dead) {
    World options{.ranks = 2, .homes = 2};
    options.faults.deaths = {{RankId(dead), SimTime(3s)}};
    SurvivingWorld world(options);
    world.run();
    world.expect_exact({dead});
  }
}

TEST(Survival, GoesOnWhenOneAfterAnotherDies) {
  World options;
  options.tasks_each = 6000;
  options.faults.deaths = {
      {RankId(0), SimTime(3s)}, {RankId(1), SimTime(9s)}, {RankId(5), SimTime(15s)}};
  SurvivingWorld world(options);
  world.run();
  world.expect_exact({0, 1, 5});
}

// The copy of a home is at the next one, and dies with it.
TEST(Survival, BeginsAHomeAnewThatDiesTogetherWithItsHeir) {
  for (int dead = 0; dead < 8; ++dead) {
    for (const Duration later : {Duration(0), Duration(1500ms)}) {
      const int heir = (dead + 1) % 8;
      SCOPED_TRACE(std::to_string(dead) + ", and its heir later by " +
                   std::to_string(to_seconds(later)) + " s");
      World options;
      options.faults.deaths = {{RankId(dead), SimTime(3s)}, {RankId(heir), SimTime(3s + later)}};
      SurvivingWorld world(options);
      world.run();
      world.expect_exact({dead, heir});
      EXPECT_EQ(world.restarted(), (std::set{RankId(dead)}));
    }
  }
}

// What it had is elsewhere when it comes back, and all it says is of no account.
TEST(Survival, FencesARankThatWasStoppedForLong) {
  for (int stopped = 0; stopped < 8; ++stopped) {
    SCOPED_TRACE(stopped);
    World options;
    options.tasks_each = 4000;
    options.faults.stops = {{RankId(stopped), SimTime(3s), SimTime(13s)}};
    SurvivingWorld world(options);
    world.run();
    world.expect_exact({stopped});
    EXPECT_TRUE(world.agent(stopped).finished());
    EXPECT_TRUE(world.agent(stopped).survival()->is_fenced());
  }
}

TEST(Survival, KeepsARankThatWasStoppedForAMoment) {
  World options;
  options.faults.stops = {{RankId(3), SimTime(3s), SimTime(4s)}};
  SurvivingWorld world(options);
  world.run();
  world.expect_exact({});
}

// Whatever dies or stops, wherever and whenever, also while the run ends.
TEST(Survival, CountsEveryTaskOnceInWorldsDrawnAtRandom) {
  const std::vector<std::string> policies = {
      "tree",    "shortest_expected_delay", "late_binding",        "late_binding+work_stealing",
      "learned", "join_idle_queue",         "random+work_stealing"};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Random random(seed, 0x73757276);
    World options;
    options.seed = seed;
    options.ranks = 2 + static_cast<int>(random.below(11));
    options.homes = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(options.ranks)));
    options.policy = policies[random.below(policies.size())];
    options.tree.cluster_size = static_cast<int>(random.below(5));
    if (options.tree.cluster_size == 1) options.tree.cluster_size = 0;
    options.tasks_each = 300 + random.below(1500);
    options.rate_each = 0.6 * 400 * options.ranks / options.homes;
    const RankId victim(
        static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(options.ranks))));
    const double length_s = static_cast<double>(options.tasks_each) / options.rate_each;
    const SimTime when(from_seconds(1.1 * length_s * random.uniform()));
    const bool dies = random.below(3) > 0;
    if (dies) {
      options.faults.deaths = {{victim, when}};
    } else {
      options.faults.stops = {{victim, when, when + 20s}};
    }
    SCOPED_TRACE("seed " + std::to_string(seed) + ", " + options.policy + ", " +
                 std::to_string(options.ranks) + " ranks, " + std::to_string(options.homes) +
                 " homes, rank " + std::to_string(victim.value()) + (dies ? " dies" : " stops") +
                 " at " + std::to_string(to_seconds(when.time_since_epoch())) + " s of " +
                 std::to_string(length_s));
    SurvivingWorld world(options);
    world.run();
    const bool noticed =
        world.agent(victim.value() == 0 ? 1 : 0).survival()->members().is_out(victim);
    world.expect_exact(noticed ? std::set<int>{victim.value()} : std::set<int>{});
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace weir
