#include "tools/simulated_run.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/sim/simulation.hpp"
#include "tools/stream_dealer.hpp"
#include "tools/workload.hpp"

namespace weir {
namespace {

// Where a scenario does not say how many ranks submit.
constexpr int kDefaultDispatchers = 8;

// Adds up the tasks that arrived after the warm-up, by the clock of their home.
class SimulationTally final : public SimulationSink {
 public:
  SimulationTally(RunTally tally, Duration warm_up)
      : tally_(std::move(tally)), homes_(tally_.nodes().size()), warm_up_(warm_up) {}

  // The world begins at `start` of this home's clock.
  void expect(RankId home, Instant start) { of(home).counted_from = start + warm_up_; }
  void on_submitted(RankId home, Instant arrival) {
    if (arrival >= of(home).counted_from) ++of(home).submitted;
  }
  void on_completed(const CompletedTask& task, SimTime now) override {
    if (task.header.arrival < of(task.header.home).counted_from) return;
    tally_.add(task, Instant(now.time_since_epoch() - warm_up_));
    ++of(task.header.home).completed;
  }

  const RunTally& tally() const { return tally_; }
  std::uint64_t submitted(RankId home) { return of(home).submitted; }
  std::uint64_t completed(RankId home) { return of(home).completed; }

 private:
  struct Home {
    Instant counted_from = kNever;
    std::uint64_t submitted = 0;
    std::uint64_t completed = 0;
  };
  Home& of(RankId home) { return homes_[static_cast<std::size_t>(home.value())]; }

  RunTally tally_;
  std::vector<Home> homes_;
  Duration warm_up_;
};

// Tells the tally of every task that is taken.
class CountedSource final : public TaskSource {
 public:
  CountedSource(std::unique_ptr<TaskSource> source, RankId home, SimulationTally& tally)
      : source_(std::move(source)), home_(home), tally_(tally) {}

  Instant next_due() const override { return source_->next_due(); }
  Task take() override {
    Task task = source_->take();
    tally_.on_submitted(home_, task.header.arrival);
    return task;
  }
  bool exhausted() const override { return source_->exhausted(); }

 private:
  std::unique_ptr<TaskSource> source_;
  RankId home_;
  SimulationTally& tally_;
};

// What has been used up to a time.
struct Use {
  std::vector<Duration> busy;     // of the workers of each rank
  std::vector<Duration> powered;  // for how long each was switched on
};

Use use_until_now(const Simulation& world) {
  Use use;
  for (int rank = 0; rank < world.rank_count(); ++rank) {
    use.busy.push_back(world.busy(RankId(rank)));
    use.powered.push_back(world.powered(RankId(rank)));
  }
  return use;
}

EmulationSpec nodes_of(const RunOptions& options) {
  EmulationSpec nodes = EmulationSpec::parse(options.emulate);
  nodes.mean_work_s *= options.work_scale;
  return nodes;
}

SimulationOptions world_of(const SimulateOptions& options) {
  SimulationOptions world;
  world.nodes = nodes_of(options.run);
  const int ranks = world.nodes.node_count();
  if (options.run.dispatchers > ranks) {
    throw Error("more ranks submit than there are",
                "dispatchers=" + std::to_string(options.run.dispatchers),
                "at most " + std::to_string(ranks) + ", one for each node", "--set dispatchers=1");
  }
  world.dispatcher_count =
      options.run.dispatchers > 0 ? options.run.dispatchers : std::min(kDefaultDispatchers, ranks);
  world.policy = options.run.policy;
  world.seed = options.run.seed;
  world.class_count = static_cast<int>(kernel_class_names().size());
  world.max_retries = options.run.retries;
  world.network = options.world.network;
  world.faults = options.world.faults;
  world.parking = options.world.parking;
  world.report_interval = options.run.report_interval;
  const LoadOptions& loads = options.run.loads;
  world.queue = loads.queue;
  world.max_in_flight = loads.max_in_flight.value_or(world.max_in_flight);
  world.overflow = loads.overflow;
  world.most_skew = options.clock_skew;
  world.most_drift = options.clock_drift;
  return world;
}

RankResult result_of(Simulation& world, RankId rank, const EmulationSpec& nodes) {
  const auto& type = nodes.types[nodes.type_of(rank.value())];
  RankResult result;
  result.host = "simulated";
  result.worker_count = type.cores;
  result.speed = type.speed;
  result.counts = world.agent(rank).counts();
  result.hand_over = world.agent(rank).hand_over_counts();
  result.transport = world.transport_counts(rank);
  return result;
}

}  // namespace

RunResult simulate(const SimulateOptions& options, SimulationCost* cost) {
  const SimulationOptions world_options = world_of(options);
  const double capacity = world_options.nodes.capacity_per_s();
  Workload work = make_workload(options.run, capacity);
  const int ranks = world_options.nodes.node_count();
  const RunBounds bounds = bounds_of(world_options.nodes, ranks, work);
  StreamDealer dealer(std::move(work.streams), world_options.dispatcher_count);
  SimulationTally sink(
      RunTally(world_options.class_count, static_cast<int>(work.names.size()), ranks),
      options.warm_up);
  const auto make_source = [&](RankId home, Instant start) {
    sink.expect(home, start);
    return std::make_unique<CountedSource>(dealer.source(home.value(), start), home, sink);
  };
  Simulation world(world_options, make_source, sink);
  world.run_until(SimTime(options.warm_up));
  const Use before = use_until_now(world);
  world.run();
  const Use after = use_until_now(world);
  if (cost != nullptr) *cost = {.events = world.event_count(), .journal = world.journal()};

  RunResult result{.policy = options.run.policy,
                   .seed = options.run.seed,
                   .emulated = true,
                   .offered_rate_per_s = work.rate_per_s,
                   .class_names = kernel_class_names(),
                   .stream_names = work.names,
                   .tally = sink.tally(),
                   .ranks = {},
                   .bounds = bounds,
                   .world = WorldResult{.gave_up = world.gave_up()}};
  for (int rank = 0; rank < ranks; ++rank) {
    const auto place = static_cast<std::size_t>(rank);
    RankResult own = result_of(world, RankId(rank), world_options.nodes);
    own.busy_s = to_seconds(after.busy[place] - before.busy[place]);
    own.counts.submitted = sink.submitted(RankId(rank));
    own.counts.completed = sink.completed(RankId(rank));
    const double powered_s = to_seconds(after.powered[place] - before.powered[place]);
    result.world->lost += own.counts.submitted - own.counts.completed;
    result.world->node_s += powered_s;
    result.world->core_s += own.worker_count * powered_s;
    result.ranks.push_back(std::move(own));
  }
  return result;
}

}  // namespace weir
