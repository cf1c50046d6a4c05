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

// Adds up the tasks that arrived after the warm-up.
class SimulationTally final : public SimulationSink {
 public:
  SimulationTally(RunTally tally, Duration warm_up)
      : tally_(std::move(tally)), by_home_(tally_.nodes().size()), warm_up_(warm_up) {}

  void on_completed(const CompletedTask& task, SimTime now) override {
    const Duration since_start = now.time_since_epoch();
    // Without a warm-up all count: by its home's clock the first may seem to come before the begin.
    if (warm_up_ > Duration(0) && since_start - task.response < warm_up_) return;
    tally_.add(task, Instant(since_start - warm_up_));
    ++by_home_[static_cast<std::size_t>(task.header.home.value())];
  }
  const RunTally& tally() const { return tally_; }
  std::uint64_t of_home(RankId home) const {
    return by_home_[static_cast<std::size_t>(home.value())];
  }

 private:
  RunTally tally_;
  std::vector<std::uint64_t> by_home_;
  Duration warm_up_;
};

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
  world.network = options.network;
  world.report_interval = options.run.report_interval;
  const LoadOptions& loads = options.run.loads;
  world.queue = loads.queue;
  world.max_in_flight = loads.max_in_flight.value_or(world.max_in_flight);
  world.overflow = loads.overflow;
  world.most_skew = options.clock_skew;
  world.most_drift = options.clock_drift;
  return world;
}

// What the rank did after the warm-up, of which `busy_before` was before.
RankResult result_of(Simulation& world, RankId rank, const EmulationSpec& nodes,
                     Duration busy_before) {
  const auto& type = nodes.types[nodes.type_of(rank.value())];
  RankResult result;
  result.host = "simulated";
  result.worker_count = type.cores;
  result.speed = type.speed;
  result.busy_s = to_seconds(world.busy(rank) - busy_before);
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
  const auto make_source = [&](RankId home, Instant start) {
    return dealer.source(home.value(), start);
  };
  SimulationTally sink(
      RunTally(world_options.class_count, static_cast<int>(work.names.size()), ranks),
      options.warm_up);
  Simulation world(world_options, make_source, sink);
  world.run_until(SimTime(options.warm_up));
  std::vector<Duration> busy_before;
  for (int rank = 0; rank < ranks; ++rank) busy_before.push_back(world.busy(RankId(rank)));
  world.run();
  if (cost != nullptr) *cost = {.events = world.event_count(), .journal = world.journal()};

  RunResult result{.policy = options.run.policy,
                   .seed = options.run.seed,
                   .emulated = true,
                   .offered_rate_per_s = work.rate_per_s,
                   .class_names = kernel_class_names(),
                   .stream_names = work.names,
                   .tally = sink.tally(),
                   .ranks = {},
                   .bounds = bounds};
  for (int rank = 0; rank < ranks; ++rank) {
    RankResult own = result_of(world, RankId(rank), world_options.nodes,
                               busy_before[static_cast<std::size_t>(rank)]);
    // All of those are complete, and only those are counted.
    own.counts.submitted = own.counts.completed = sink.of_home(RankId(rank));
    result.ranks.push_back(std::move(own));
  }
  return result;
}

}  // namespace weir
