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
  SimulationTally(RunTally tally, Duration warm_up, std::span<SimulationWatch* const> watches)
      : tally_(std::move(tally)),
        by_home_(tally_.nodes().size()),
        warm_up_(warm_up),
        watches_(watches) {}

  void on_completed(const CompletedTask& task, SimTime now) override {
    const Duration since_start = now.time_since_epoch();
    for (SimulationWatch* watch : watches_) watch->on_completed(task, since_start);
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
  std::span<SimulationWatch* const> watches_;
};

EmulationSpec nodes_of(const RunOptions& options) {
  EmulationSpec nodes = EmulationSpec::parse(options.emulate);
  nodes.mean_work_s *= options.work_scale;
  return nodes;
}

SimulationOptions world_of(const SimulateOptions& options,
                           std::span<SimulationWatch* const> watches) {
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
  world.advisor_delay = options.advisor_delay;
  world.most_skew = options.clock_skew;
  world.most_drift = options.clock_drift;
  if (!watches.empty()) {
    world.observe_policy = [watches](RankId home, std::unique_ptr<Policy> policy,
                                     const SimTime& now) {
      for (SimulationWatch* watch : watches) policy = watch->observed(home, std::move(policy), now);
      return policy;
    };
  }
  return world;
}

// Runs the world until `end`, or until a watch ends it: false.
bool run_watched(Simulation& world, Duration from, Duration end,
                 std::span<SimulationWatch* const> watches) {
  if (watches.empty()) {
    world.run_until(SimTime(end));
    return true;
  }
  for (Duration now = from; !world.finished() && now < end;) {
    now = std::min(now + SimulationWatch::kInterval, end);
    world.run_until(SimTime(now));
    for (SimulationWatch* watch : watches) {
      if (!watch->on_interval(world, now)) return false;
    }
  }
  return true;
}

// What a rank has done so far. Not a RankResult, whose histogram would be most of a large world.
struct Doings {
  Duration busy{0};
  NodeAgentCounts counts;
  HandOverCounts hand_over;
  TransportCounts transport;
};

Doings doings_of(Simulation& world, RankId rank) {
  return {world.busy(rank), world.agent(rank).counts(), world.agent(rank).hand_over_counts(),
          world.transport_counts(rank)};
}

// What the rank did after the warm-up.
RankResult result_of(const EmulatedNodeType& type, const Doings& warm_up, const Doings& all) {
  RankResult result;
  result.host = "simulated";
  result.worker_count = type.cores;
  result.speed = type.speed;
  result.busy_s = to_seconds(all.busy - warm_up.busy);
  result.counts.retried = all.counts.retried - warm_up.counts.retried;
  result.counts.moved = all.counts.moved - warm_up.counts.moved;
  result.counts.stale_ends = all.counts.stale_ends - warm_up.counts.stale_ends;
  result.counts.decisions = all.counts.decisions - warm_up.counts.decisions;
  result.hand_over.requests_sent = all.hand_over.requests_sent - warm_up.hand_over.requests_sent;
  result.hand_over.tasks_received = all.hand_over.tasks_received - warm_up.hand_over.tasks_received;
  result.hand_over.tasks_given = all.hand_over.tasks_given - warm_up.hand_over.tasks_given;
  result.transport.messages_sent = all.transport.messages_sent - warm_up.transport.messages_sent;
  result.transport.bytes_sent = all.transport.bytes_sent - warm_up.transport.bytes_sent;
  result.transport.messages_received =
      all.transport.messages_received - warm_up.transport.messages_received;
  result.transport.bytes_received = all.transport.bytes_received - warm_up.transport.bytes_received;
  return result;
}

}  // namespace

RunResult simulate(const SimulateOptions& options, std::span<SimulationWatch* const> watches,
                   SimulationCost* cost) {
  const SimulationOptions world_options = world_of(options, watches);
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
      options.warm_up, watches);
  Simulation world(world_options, make_source, sink);
  bool whole = run_watched(world, Duration::zero(), options.warm_up, watches);
  std::vector<Doings> warm_up;
  for (int rank = 0; rank < ranks; ++rank) warm_up.push_back(doings_of(world, RankId(rank)));
  whole = whole && run_watched(world, options.warm_up, Duration::max(), watches);
  if (cost != nullptr) *cost = {.events = world.event_count(), .journal = world.journal()};

  RunResult result{.policy = options.run.policy,
                   .seed = options.run.seed,
                   .emulated = true,
                   .interrupted = !whole,
                   .offered_rate_per_s = work.rate_per_s,
                   .class_names = kernel_class_names(),
                   .stream_names = work.names,
                   .tally = sink.tally(),
                   .ranks = {},
                   .bounds = bounds};
  for (int rank = 0; rank < ranks; ++rank) {
    const auto& type = world_options.nodes.types[world_options.nodes.type_of(rank)];
    RankResult own =
        result_of(type, warm_up[static_cast<std::size_t>(rank)], doings_of(world, RankId(rank)));
    // All of those are complete, and only those are counted.
    own.counts.submitted = own.counts.completed = sink.of_home(RankId(rank));
    result.ranks.push_back(std::move(own));
  }
  return result;
}

double offered_rate_per_s(const SimulateOptions& options) {
  return make_workload(options.run, nodes_of(options.run).capacity_per_s()).rate_per_s;
}

}  // namespace weir
