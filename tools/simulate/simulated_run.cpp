#include "tools/simulate/simulated_run.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "ml/training/estimator/delayed_estimator_trainer.hpp"
#include "runtime/base/error.hpp"
#include "runtime/sim/simulation.hpp"
#include "tools/load/plan_forecasters.hpp"
#include "tools/load/stream_dealer.hpp"
#include "tools/load/true_demand.hpp"
#include "tools/settings/scenario_nodes.hpp"
#include "tools/settings/setting_errors.hpp"

namespace weir {
namespace {

// Where a scenario does not say how many ranks submit.
constexpr int kDefaultDispatchers = 8;

// Adds up the tasks that arrived after the warm-up, by the clock of their home.
class SimulationTally final : public SimulationSink {
 public:
  SimulationTally(RunTally tally, Duration warm_up, std::span<SimulationWatch* const> watches)
      : tally_(std::move(tally)),
        homes_(tally_.nodes().size()),
        arrivals_(tally_.classes().size()),
        warm_up_(warm_up),
        watches_(watches) {}

  // The world begins at `start` of this home's clock.
  void expect(RankId home, Instant start) { of(home).counted_from = start + warm_up_; }
  void on_submitted(RankId home, const TaskHeader& task) {
    if (task.arrival < of(home).counted_from) return;
    ++of(home).submitted;
    ++arrivals_[task.task_class.value()];
    counted_ = std::max(counted_, task.arrival - of(home).counted_from);
  }
  void on_completed(const CompletedTask& task, SimTime now) override {
    for (SimulationWatch* watch : watches_) watch->on_completed(task, now.time_since_epoch());
    if (task.header.arrival < of(task.header.home).counted_from) return;
    tally_.add(task, Instant(now.time_since_epoch() - warm_up_));
    ++of(task.header.home).completed;
  }

  const RunTally& tally() const { return tally_; }
  std::uint64_t submitted(RankId home) { return of(home).submitted; }
  std::uint64_t completed(RankId home) { return of(home).completed; }
  // Tasks per second by class that arrived in that time; without one, until the last of them.
  std::vector<double> class_rates(std::optional<Duration> counted) const {
    const double seconds = to_seconds(counted.value_or(counted_));
    std::vector<double> rates;
    for (const double count : arrivals_) rates.push_back(seconds > 0 ? count / seconds : 0);
    return rates;
  }

 private:
  struct Home {
    Instant counted_from = kNever;
    std::uint64_t submitted = 0;
    std::uint64_t completed = 0;
  };
  Home& of(RankId home) { return homes_[static_cast<std::size_t>(home.value())]; }

  RunTally tally_;
  std::vector<Home> homes_;
  std::vector<double> arrivals_;  // by class
  Duration warm_up_;
  Duration counted_{0};  // from the end of the warm-up to the last arrival
  std::span<SimulationWatch* const> watches_;
};

// Tells the tally of every task that is taken.
class CountedSource final : public TaskSource {
 public:
  CountedSource(std::unique_ptr<TaskSource> source, RankId home, SimulationTally& tally)
      : source_(std::move(source)), home_(home), tally_(tally) {}

  Instant next_due() const override { return source_->next_due(); }
  Task take() override {
    Task task = source_->take();
    tally_.on_submitted(home_, task.header);
    return task;
  }
  bool exhausted() const override { return source_->exhausted(); }
  std::optional<AnnouncedRise> next_announced(Instant now) override {
    return source_->next_announced(now);
  }

 private:
  std::unique_ptr<TaskSource> source_;
  RankId home_;
  SimulationTally& tally_;
};

void let_watch(std::span<SimulationWatch* const> watches, SimulationOptions& world) {
  for (SimulationWatch* watch : watches) {
    if (CapacityAdviser* adviser = watch->adviser()) world.adviser = adviser;
  }
  if (watches.empty()) return;
  world.observe_moves = [watches](RankId rank, const SimTime& now) -> MoveObserver* {
    for (SimulationWatch* watch : watches) {
      if (MoveObserver* observer = watch->moves_of(rank, now)) return observer;
    }
    return nullptr;
  };
  world.limit_adviser = [watches](RankId rank, const SimTime& now) -> LimitAdviser* {
    for (SimulationWatch* watch : watches) {
      if (LimitAdviser* adviser = watch->limits_of(rank, now)) return adviser;
    }
    return nullptr;
  };
  world.observe_learning = [watches](RankId rank, const SimTime& now) -> LearningObserver* {
    for (SimulationWatch* watch : watches) {
      if (LearningObserver* observer = watch->learning_of(rank, now)) return observer;
    }
    return nullptr;
  };
  world.observe_policy = [watches](RankId home, std::unique_ptr<Policy> policy,
                                   const SimTime& now) {
    for (SimulationWatch* watch : watches) policy = watch->observed(home, std::move(policy), now);
    return policy;
  };
}

SimulationOptions world_of(const SimulateOptions& options,
                           std::span<SimulationWatch* const> watches) {
  SimulationOptions world;
  world.nodes = nodes_of(options);
  const int ranks = world.nodes.node_count();
  if (options.run.dispatchers > ranks) {
    throw Error("more ranks submit than there are",
                "dispatchers=" + std::to_string(options.run.dispatchers),
                "at most " + std::to_string(ranks) + ", one for each node", "--set dispatchers=1");
  }
  world.dispatcher_count =
      options.run.dispatchers > 0 ? options.run.dispatchers : std::min(kDefaultDispatchers, ranks);
  world.policy = options.run.policy;
  world.weights = options.run.weights;
  world.control = options.run.control;
  world.limit_control = options.run.limit_control;
  world.seed = options.run.seed;
  world.class_count = static_cast<int>(kernel_class_names().size());
  world.max_retries = options.run.retries;
  world.network = options.world.network;
  world.faults = options.world.faults;
  world.parking = options.world.parking;
  world.capacity = options.run.capacity;
  world.capacity.planner.warm_up = options.world.parking.warm_up;
  world.online.mode = options.run.online.mode;
  world.online.make_trainer = [](RankId) { return std::make_unique<DelayedEstimatorTrainer>(); };
  world.tree = options.run.tree;
  world.report_interval = options.run.report_interval;
  const LoadOptions& loads = options.run.loads;
  world.queue = loads.queue;
  world.node_control = loads.node_control.value_or(NodeControlOptions());
  world.migration = loads.migration;
  world.suspicion = loads.suspicion;
  world.max_in_flight = loads.max_in_flight.value_or(world.max_in_flight);
  world.overflow = loads.overflow;
  world.advisor_delay = options.advisor_delay;
  world.oracle = options.oracle;
  world.most_skew = options.clock_skew;
  world.most_drift = options.clock_drift;
  let_watch(watches, world);
  return world;
}

// What arrivals are foretold by, other than a forecaster of the simulation's own. Outlives what is
// made.
class DemandSources {
 public:
  using Maker = std::function<std::unique_ptr<DemandForecaster>(const SimTime& now)>;

  explicit DemandSources(const SimulateOptions& options)
      : plans_know_(options.run.plan_demand == PlanDemand::kPerfect),
        capacity_knows_(options.run.capacity.control == CapacityControl::kPerfect),
        forecasters_(plan_forecasters_of(options.run.plan_demand, options.run.capacity.forecast)) {
    if (plans_know_ || capacity_knows_) true_.emplace(workload_of(options).streams);
  }

  // Of the planners of coordinators; empty where they go by what has arrived.
  Maker for_plans() const {
    if (forecasters_) return [this](const SimTime&) { return forecasters_->make(); };
    return plans_know_ ? knowing() : Maker();
  }
  // Empty where it need not be known.
  Maker for_capacity() const { return capacity_knows_ ? knowing() : Maker(); }

 private:
  Maker knowing() const {
    return [this](const SimTime& now) { return std::make_unique<TrueDemand>(*true_, now); };
  }

  bool plans_know_;
  bool capacity_knows_;
  std::optional<PlanForecasters> forecasters_;
  std::optional<TrueArrivals> true_;
};

// A world whose network cannot carry what is sent would fill the memory and never end. At usual
// loads this is seconds of all traffic on its way.
bool is_jammed(const Simulation& world) {
  const auto ranks = static_cast<std::size_t>(world.rank_count());
  return world.messages_under_way() > 100'000 + 100 * ranks;
}

// Runs the world until `end`, until it is jammed, or until a watch ends it: false.
bool run_watched(Simulation& world, Duration from, Duration end,
                 std::span<SimulationWatch* const> watches) {
  for (Duration now = from; !world.finished() && !is_jammed(world) && now < end;) {
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
  Duration powered{0};  // for how long it was switched on
  NodeAgentCounts counts;
  DecisionCounts learned;
  std::optional<ClusterLearning> online;
  HandOverCounts hand_over;
  TransportCounts transport;
};

Doings doings_of(Simulation& world, RankId rank) {
  const NodeAgent& agent = world.agent(rank);
  std::optional<ClusterLearning> online;
  if (agent.learner() != nullptr) online = cluster_learning_of(*agent.learner());
  return {.busy = world.busy(rank),
          .powered = world.powered(rank),
          .counts = agent.counts(),
          .learned = agent.decision_counts().value_or(DecisionCounts()),
          .online = std::move(online),
          .hand_over = agent.hand_over_counts(),
          .transport = world.transport_counts(rank)};
}

// What the rank did after the warm-up.
RankResult result_of(const EmulatedNodeType& type, const Doings& warm_up, const Doings& all) {
  RankResult result;
  result.host = "simulated";
  result.worker_count = type.cores;
  result.speed = type.speed;
  result.busy_s = to_seconds(all.busy - warm_up.busy);
  result.counts.retried = all.counts.retried - warm_up.counts.retried;
  result.counts.reissued = all.counts.reissued - warm_up.counts.reissued;
  result.counts.suspicions = all.counts.suspicions - warm_up.counts.suspicions;
  result.counts.moved = all.counts.moved - warm_up.counts.moved;
  result.counts.stale_ends = all.counts.stale_ends - warm_up.counts.stale_ends;
  result.counts.decisions = all.counts.decisions - warm_up.counts.decisions;
  result.counts.control_messages = all.counts.control_messages - warm_up.counts.control_messages;
  result.counts.most_children = all.counts.most_children;
  result.counts.limit_decisions = all.counts.limit_decisions - warm_up.counts.limit_decisions;
  result.counts.limits_differing = all.counts.limits_differing - warm_up.counts.limits_differing;
  result.learned = all.learned.since(warm_up.learned);
  result.online = all.online;
  if (all.online) result.online->counts = all.online->counts.since(warm_up.online->counts);
  result.hand_over.requests_sent = all.hand_over.requests_sent - warm_up.hand_over.requests_sent;
  result.hand_over.tasks_received = all.hand_over.tasks_received - warm_up.hand_over.tasks_received;
  result.hand_over.tasks_given = all.hand_over.tasks_given - warm_up.hand_over.tasks_given;
  result.hand_over.bytes_given = all.hand_over.bytes_given - warm_up.hand_over.bytes_given;
  result.transport.messages_sent = all.transport.messages_sent - warm_up.transport.messages_sent;
  result.transport.bytes_sent = all.transport.bytes_sent - warm_up.transport.bytes_sent;
  result.transport.messages_received =
      all.transport.messages_received - warm_up.transport.messages_received;
  result.transport.bytes_received = all.transport.bytes_received - warm_up.transport.bytes_received;
  return result;
}

// The floor belongs to what is counted. After a warm-up that is offered less or more than the whole
// run is, where the load follows a profile or a trace.
double floor_of_counted(const SimulateOptions& options, const SimulationOptions& world,
                        std::span<const int> working, const SimulationTally& tally,
                        const RunBounds& whole_run) {
  const bool is_even = options.run.loads.profiles.empty() && options.run.traces.empty();
  if (is_even || options.warm_up == Duration::zero()) return whole_run.mean_floor_s;
  std::optional<Duration> counted;
  if (options.run.duration) counted = *options.run.duration - options.warm_up;
  return bounds_of(world.nodes, working, tally.class_rates(counted)).mean_floor_s;
}

}  // namespace

RunResult simulate(const SimulateOptions& options, std::span<SimulationWatch* const> watches,
                   SimulationCost* cost) {
  SimulationOptions world_options = world_of(options, watches);
  const DemandSources demand(options);
  world_options.make_plan_demand = demand.for_plans();
  world_options.make_known_demand = demand.for_capacity();
  Workload work = workload_of(options);
  const int ranks = world_options.nodes.node_count();
  const std::vector<int> working = working_ranks(options);
  RunBounds bounds = bounds_of(world_options.nodes, working, class_rates_of(work));
  StreamDealer dealer(std::move(work.streams), world_options.dispatcher_count);
  SimulationTally sink(
      RunTally(world_options.class_count, static_cast<int>(work.names.size()), ranks),
      options.warm_up, watches);
  const auto make_source = [&](RankId home, Instant start) {
    sink.expect(home, start);
    return std::make_unique<CountedSource>(dealer.source(home.value(), start), home, sink);
  };
  Simulation world(world_options, make_source, sink);
  bool whole = run_watched(world, Duration::zero(), options.warm_up, watches);
  std::vector<Doings> warm_up;
  for (int rank = 0; rank < ranks; ++rank) warm_up.push_back(doings_of(world, RankId(rank)));
  whole = whole && run_watched(world, options.warm_up, Duration::max(), watches);
  if (cost != nullptr) *cost = {.events = world.event_count(), .journal = world.journal()};

  bounds.mean_floor_s = floor_of_counted(options, world_options, working, sink, bounds);

  RunResult result{.policy = options.run.policy,
                   .seed = options.run.seed,
                   .emulated = true,
                   .interrupted = !whole,
                   .offered_rate_per_s = work.rate_per_s,
                   .class_names = kernel_class_names(),
                   .stream_names = work.names,
                   .tally = sink.tally(),
                   .ranks = {},
                   .plan_demand = options.run.plan_demand,
                   .bounds = bounds,
                   .world = WorldResult{.gave_up = world.gave_up(), .jammed = is_jammed(world)}};
  result.planned = world.foretold_plans();
  if (const LearnedCapacity* learned = world.learned_capacity()) {
    result.world->capacity_decisions = learned->decisions();
    result.world->capacity_differing = learned->differing();
  }
  for (int rank = 0; rank < ranks; ++rank) {
    const auto& type = world_options.nodes.types[world_options.nodes.type_of(rank)];
    const Doings& before = warm_up[static_cast<std::size_t>(rank)];
    const Doings all = doings_of(world, RankId(rank));
    RankResult own = result_of(type, before, all);
    if (!std::ranges::binary_search(working, rank)) own.worker_count = 0;
    own.counts.submitted = sink.submitted(RankId(rank));
    own.counts.completed = sink.completed(RankId(rank));
    // Where a watch ended the run, only what is complete is counted.
    if (!whole) own.counts.submitted = own.counts.completed;
    result.world->lost += own.counts.submitted - own.counts.completed;
    const double powered_s = to_seconds(all.powered - before.powered);
    result.world->node_s += powered_s;
    result.world->core_s += type.cores * powered_s;
    result.ranks.push_back(std::move(own));
  }
  return result;
}

Workload workload_of(const SimulateOptions& options) {
  const double capacity = nodes_of(options).capacity_per_s(working_ranks(options));
  return speaking_of_settings([&] { return make_workload(options.run, capacity); });
}

double offered_rate_per_s(const SimulateOptions& options) {
  return workload_of(options).rate_per_s;
}

}  // namespace weir
