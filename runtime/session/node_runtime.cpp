#include "runtime/session/node_runtime.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>

#include "ml/inference/learned_capacity.hpp"
#include "runtime/base/check.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/control/immediate_advisor.hpp"
#include "runtime/exec/parkable_executor.hpp"
#include "runtime/exec/thread_executor.hpp"
#include "runtime/protocol/codec.hpp"
#include "runtime/session/host_telemetry.hpp"
#include "runtime/session/rank_places.hpp"
#include "runtime/session/start_check.hpp"
#include "runtime/session/version.hpp"
#include "topology/binding.hpp"
#include "topology/distance.hpp"

namespace weir {
namespace {

constexpr Duration kLastMoment = std::chrono::milliseconds(500);
constexpr Duration kLastPause = std::chrono::microseconds(50);

void check_agreement(MpiContext& mpi, const KindTable& kinds, const std::string& settings,
                     const PlacementWeights& weights) {
  require_agreement(
      mpi.gather_to_all(encode({{"weir version", std::string(kVersion) + " (protocol " +
                                                     std::to_string(kProtocolVersion) + ")"},
                                {"task table", kinds.fingerprint()},
                                {"options", settings},
                                {"weights", weights.fingerprint()}})));
}

// Collective.
int smallest_on_any_rank(MpiContext& mpi, int mine) {
  Bytes bytes;
  ByteWriter(bytes).number(mine);
  int smallest = mine;
  for (const Bytes& one : mpi.gather_to_all(bytes)) {
    smallest = std::min(smallest, ByteReader(one).number<int>());
  }
  return smallest;
}

}  // namespace

NodeRuntime::NodeRuntime(MpiContext& mpi, const KindTable& kinds, NodeRuntimeOptions options)
    : mpi_(mpi),
      kinds_(kinds),
      options_(std::move(options)),
      weights_(options_.policy, options_.weights, options_.control, options_.limit_control) {
  check_agreement(mpi_, kinds_, "policy=" + options_.policy + '\n' + options_.settings, weights_);
  const bool emulated = options_.emulation.has_value();
  place_ = find_host_share(
      mpi_, {.calibrate = options_.calibrate && !emulated, .warn_if_oversubscribed = !emulated});
  dispatcher_count_ = options_.dispatcher_count > 0
                          ? std::min(options_.dispatcher_count, mpi_.rank_count())
                          : mpi_.rank_count();
  choose_workers();
  // Of all ranks: whether nodes send idle tokens must be the same everywhere.
  const int min_node_cores = smallest_on_any_rank(mpi_, worker_count_);
  policy_ =
      make_policy(options_.policy, {.seed = options_.seed,
                                    .home = mpi_.rank(),
                                    .dispatcher_count = static_cast<double>(dispatcher_count_),
                                    .min_node_cores = static_cast<double>(min_node_cores),
                                    .estimator = weights_.estimator(),
                                    .prices = weights_.prices(),
                                    .learns = options_.online.mode != OnlineLearning::kOff,
                                    .clock = [this] { return clock_->now(); }});
  if (weights_.estimator() != nullptr) given_ = *weights_.estimator();
  limits_ = weights_.limits();
  tree_place_ = place_in_tree();
  if (options_.observe_policy) policy_ = options_.observe_policy(std::move(policy_));
}

NodeRuntime::~NodeRuntime() = default;

void NodeRuntime::choose_workers() {
  if (options_.emulation) {
    const ServiceModel model(*options_.emulation, mpi_.rank().value(), options_.seed);
    worker_count_ = model.cores();
    speed_ = model.speed();
    return;
  }
  worker_count_ = options_.worker_count;
  if (worker_count_ == 0) {
    worker_count_ = static_cast<int>(place_.share.workers.size());
    if (place_.granted_workers > 0) worker_count_ = std::min(worker_count_, place_.granted_workers);
  }
  speed_ = place_.speed;
}

std::unique_ptr<Executor> NodeRuntime::make_executor() {
  if (options_.emulation) {
    EmulatedExecutor emulated = make_emulated_executor(
        ServiceModel(*options_.emulation, mpi_.rank().value(), options_.seed), options_.queue);
    lateness_ = emulated.lateness;
    return std::move(emulated.executor);
  }
  ThreadExecutorOptions threads;
  threads.worker_count = worker_count_;
  threads.seed = options_.seed;
  threads.queue = options_.queue;
  const auto& places = place_.share.workers;
  if (static_cast<std::size_t>(worker_count_) == places.size()) {
    threads.steal_order = steal_order(place_.machine, place_.share);
  }
  threads.worker_domains = memory_domains(place_.machine, place_.share, worker_count_);
  // With a grant of some cores that are not told, jobs that each took the first ones would meet.
  const bool picks_cores = place_.granted_workers == 0 ||
                           static_cast<std::size_t>(place_.granted_workers) >= places.size();
  // A refused binding or priority costs speed, not correctness: the worker runs where it may.
  const bool computes = !options_.workers_wait_for_children;
  threads.on_worker_start = [&share = place_.share, computes, has_own = computes && picks_cores,
                             also = options_.on_worker_start](WorkerId worker) {
    if (also) also();
    const auto& its =
        share.workers[static_cast<std::size_t>(worker.value()) % share.workers.size()];
    bind_this_thread(has_own ? its.cpuset : share.cpuset);
    if (computes) lower_thread_priority();
  };
  threads.notify = [bell = doorbell_.get()] { bell->wake(); };
  threads.notify_within = [bell = doorbell_.get()](Duration patience) {
    bell->wake_within(patience);
  };
  threads.on_spawn_error = [](ClassId, const std::string& text) {
    std::fprintf(stderr, "weir: a spawned task failed: %s\n", text.c_str());
  };
  return std::make_unique<ThreadExecutor>(kinds_, *clock_, std::move(threads));
}

// Collective.
TreePlace NodeRuntime::place_in_tree() {
  if (!policy_->follows_tree()) return flat_tree_place(mpi_.rank(), mpi_.rank_count());
  tree_.emplace(rank_places(mpi_, options_.switch_file), options_.tree);
  return tree_->place_of(mpi_.rank());
}

SurvivalOptions NodeRuntime::survival_options() {
  SurvivalOptions survival = *options_.survival;
  survival.place_without = [this](const std::set<RankId>& out) {
    return tree_ ? tree_->without(out).place_of(mpi_.rank())
                 : flat_tree_place(mpi_.rank(), mpi_.rank_count(), out);
  };
  survival.advisors_of = [this](const TreePlace& place) { return make_advisors(place.roles); };
  return survival;
}

std::vector<Advisor*> NodeRuntime::make_advisors(std::span<const CoordinatorRole> roles) {
  std::vector<Advisor*> advisors;
  for (const CoordinatorRole& role : roles) {
    auto planner = policy_->make_planner(role.level);
    if (planner == nullptr) break;
    if (options_.make_plan_demand) {
      outlooks_.push_back(std::make_unique<ForetoldArrivals>(options_.make_plan_demand()));
      planner->plan_for(*outlooks_.back());
    }
    advisors_.push_back(std::make_unique<ImmediateAdvisor>(std::move(planner)));
    advisors.push_back(advisors_.back().get());
  }
  return advisors;
}

NodeAgentOptions NodeRuntime::agent_options() {
  NodeAgentOptions agent;
  agent.place = tree_place_;
  agent.meter = {.speed = speed_, .class_count = options_.class_count};
  agent.dispatcher_count = dispatcher_count_;
  agent.max_retries = options_.max_retries;
  agent.report_interval = options_.report_interval;
  agent.node_control = options_.node_control;
  agent.hand_over.forgets_pauses = options_.tasks_split;
  agent.migrates = is_on(options_.migration, policy_->follows_tree());
  agent.suspicion = options_.suspicion;
  if (options_.survival) agent.survival = survival_options();
  agent.check_invariants = options_.check_invariants;
  agent.max_in_flight = options_.max_in_flight;
  agent.router.credit_per_node = options_.credit_per_node;
  agent.overflow = options_.overflow;
  agent.seed = options_.seed;
  if (options_.capacity.control != CapacityControl::kFixed) {
    agent.capacity = options_.capacity.planner;
  }
  if (given_) agent.online = options_.online.mode;
  if (options_.emulation) agent.timer_slack = options_.emulation->timer_slack();
  return agent;
}

LearningParts NodeRuntime::learning_parts() {
  const bool learns = given_ && options_.online.mode != OnlineLearning::kOff;
  if (!learns || tree_place_.roles.empty()) return {};
  trainer_ = options_.online.make_trainer(mpi_.rank());
  return {.given = &*given_, .trainer = trainer_.get(), .observer = options_.learning_observer};
}

NodeAgent& NodeRuntime::begin(CompletionSink& sink, TaskSource* source, HomeCopies* copies) {
  WEIR_CHECK(agent_ == nullptr, "a runtime began twice");
  doorbell_ = std::make_unique<Doorbell>(
      mpi_, DoorbellOptions{.patience = agent_options().timer_slack, .ring_ahead = !crowded()});
  clock_ = std::make_unique<SteadyClock>();
  const bool tasks_can_wait = !kinds_.has_immediate() && options_.queue.is_fifo();
  transport_ = std::make_unique<MpiTransport>(mpi_, *doorbell_, *clock_, tasks_can_wait);
  executor_ = make_executor();
  const bool is_planned = options_.capacity.control != CapacityControl::kFixed;
  if (is_planned) {
    executor_ = std::make_unique<ParkableExecutor>(
        std::move(executor_), options_.capacity.planner.warm_up, clock_->now());
  }
  if (options_.wrap_executor) executor_ = options_.wrap_executor(std::move(executor_));
  if (options_.emulation) {
    telemetry_ = std::make_unique<AbsentTelemetry>();
  } else {
    telemetry_ = std::make_unique<HostTelemetry>(place_.machine, place_.share.cpuset);
  }
  const NodeAgentOptions agent = agent_options();
  NodeAgentParts parts{*transport_, *executor_, *telemetry_, *policy_, sink, source};
  parts.advisors = make_advisors(agent.place->roles);
  parts.copies = copies;
  if (limits_) parts.limits = &*limits_;
  parts.moves = options_.move_observer;
  parts.learning = learning_parts();
  const auto is_root = [](const CoordinatorRole& role) { return role.parent == kNoRank; };
  if (options_.capacity.control == CapacityControl::kForecast &&
      std::ranges::any_of(agent.place->roles, is_root)) {
    demand_ = std::make_unique<LearnedDemand>(options_.capacity.forecast);
    parts.demand = demand_.get();
  }
  if (is_planned && std::ranges::any_of(agent.place->roles, is_root)) {
    adviser_ = learned_capacity_of(options_.capacity.adviser);
    parts.adviser = adviser_.get();
  }
  agent_ = std::make_unique<NodeAgent>(agent, parts);
  drive(*agent_);
  // Only now: the workers would inherit it. Where the kernel will not, messages wait longer.
  ask_for_short_time_slices();
  return *agent_;
}

bool NodeRuntime::crowded() const {
  return mpi_.ranks_on_this_host() > place_.machine.allowed.count();
}

void NodeRuntime::drive(Reactor& reactor) {
  MpiLoopOptions options;
  // A rank that spins there takes the time from the one it waits for.
  if (crowded()) options.longest_spin = Duration(0);
  loop_ = std::make_unique<MpiLoop>(*transport_, *doorbell_, *clock_, reactor, options);
}

void NodeRuntime::finish_sending() {
  transport_->flush();
  const Instant end = clock_->now() + kLastMoment;
  while ((transport_->under_way() || transport_->held_messages() > 0) && clock_->now() < end) {
    if (!transport_->poll()) std::this_thread::sleep_for(kLastPause);
  }
}

ForetoldPlans NodeRuntime::foretold_plans() const {
  ForetoldPlans sum;
  for (const auto& outlook : outlooks_) sum += outlook->counts();
  return sum;
}

DurationHistogram NodeRuntime::lateness() const {
  return lateness_ == nullptr ? DurationHistogram() : *lateness_;
}

}  // namespace weir
