#include "runtime/sim/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "runtime/base/error.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "tests/support/poisson_source.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

// Response times of the tasks after the first `skipped` ones.
class ResponseSink final : public SimulationSink {
 public:
  explicit ResponseSink(std::uint64_t skipped = 0) : skipped_(skipped) {}
  void on_completed(const CompletedTask& task, SimTime now) override {
    ++completed[task.header.id];
    last = std::max(last, now);
    if (index_of(task.header.id) < skipped_) return;
    sum_s_ += to_seconds(task.response);
    ++counted_;
  }
  double mean_s() const { return sum_s_ / static_cast<double>(counted_); }

  std::map<TaskId, int> completed;
  SimTime last{};

 private:
  std::uint64_t skipped_;
  double sum_s_ = 0;
  std::uint64_t counted_ = 0;
};

Simulation::SourceMaker poisson(const PoissonArrivals& all, int dispatchers) {
  return [all, dispatchers](RankId home, Instant start) {
    PoissonArrivals share = all;
    share.rate_per_s /= dispatchers;
    share.count /= static_cast<std::uint64_t>(dispatchers);
    share.stream = static_cast<std::uint16_t>(home.value());
    return std::make_unique<PoissonSource>(share, start);
  };
}

SimulationOptions small_cluster(const std::string& policy, std::uint64_t seed) {
  return {.nodes = EmulationSpec::parse("nodes=2x0.9*4,3x1.2*2;clusters=2;work_ms=10;"
                                        "drift_speed=0.5;drift_good_s=1;drift_slow_s=0.5"),
          .dispatcher_count = 3,
          .policy = policy,
          .seed = seed,
          .class_count = 2};
}

constexpr PoissonArrivals kSmallLoad{.rate_per_s = 900, .count = 3000, .class_count = 2};

TEST(Simulation, CompletesEveryTaskOnceUnderEveryPolicy) {
  for (const PolicyInfo& policy : policy_catalogue()) {
    for (const char* stealing : {"", "+work_stealing"}) {
      ResponseSink sink;
      Simulation world(small_cluster(std::string(policy.name) + stealing, 5),
                       poisson(kSmallLoad, 3), sink);
      world.run();
      EXPECT_EQ(sink.completed.size(), kSmallLoad.count) << policy.name << stealing;
      for (const auto& [id, times] : sink.completed) ASSERT_EQ(times, 1);
    }
  }
}

TEST(Simulation, RepeatsItselfBitForBit) {
  std::map<std::uint64_t, int> journals;
  for (const std::uint64_t seed : {5, 5, 6, 6}) {
    ResponseSink sink;
    Simulation world(small_cluster("power_of_two+work_stealing", seed), poisson(kSmallLoad, 3),
                     sink);
    world.run();
    ++journals[world.journal()];
  }
  EXPECT_EQ(journals.size(), 2U);
}

TEST(Simulation, StopsAtATimeAndGoesOn) {
  ResponseSink sink;
  Simulation world(small_cluster("round_robin", 1), poisson(kSmallLoad, 3), sink);
  world.run_until(SimTime(1s));
  EXPECT_LT(world.now(), SimTime(1s));
  EXPECT_LT(sink.completed.size(), kSmallLoad.count);
  world.run();
  EXPECT_EQ(sink.completed.size(), kSmallLoad.count);
}

TEST(Simulation, AddsTheNetworkToTheResponse) {
  const auto nodes = EmulationSpec::parse("nodes=1x1*2;work_ms=1;size=deterministic");
  ResponseSink sink;
  const auto one_task = [](RankId, Instant start) {
    return std::make_unique<PoissonSource>(PoissonArrivals{.count = 1}, start);
  };
  // The task of rank 0 goes to node 1, there and back.
  Simulation world({.nodes = nodes,
                    .policy = "weighted_random",
                    .seed = 1,
                    .network = {.latency = 500ms, .bytes_per_s = 0}},
                   one_task, sink);
  world.run();
  const bool stayed = std::abs(sink.mean_s() - 0.001) < 1e-4;
  const bool travelled = std::abs(sink.mean_s() - 1.001) < 1e-4;
  EXPECT_TRUE(stayed || travelled) << sink.mean_s();
}

TEST(Simulation, GivesAParkedNodeNothingAndLetsItStealNothing) {
  SimulationOptions options{.nodes = EmulationSpec::parse("nodes=2x1*2;work_ms=10"),
                            .policy = "least_outstanding+work_stealing",
                            .parking = {.parked = {{RankId(1), SimTime{}}}, .warm_up = 1s}};
  ResponseSink sink;
  Simulation world(options, poisson({.rate_per_s = 190, .count = 2000}, 1), sink);
  world.run();
  EXPECT_EQ(sink.completed.size(), 2000U);
  EXPECT_EQ(world.agent(RankId(1)).hand_over_counts().tasks_received, 0U);
  // Before its first report has come it is taken for a node like any other.
  EXPECT_LT(world.busy(RankId(1)), 100ms);
  EXPECT_EQ(world.powered(RankId(0)), world.now().time_since_epoch());
  EXPECT_LT(world.powered(RankId(1)), 200ms);
}

TEST(Simulation, RefusesAPolicyThatDoesNotExist) {
  ResponseSink sink;
  EXPECT_THROW(Simulation(small_cluster("no_such_rule", 1), poisson(kSmallLoad, 3), sink), Error);
}

}  // namespace
}  // namespace weir
