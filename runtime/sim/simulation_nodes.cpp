// How the world comes to be: each rank with its clock, its share of the work, its policy and agent.

#include <algorithm>
#include <utility>

#include "ml/inference/learned_planner.hpp"
#include "runtime/base/random.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/exec/emulated_executor.hpp"
#include "runtime/exec/parkable_executor.hpp"
#include "runtime/sim/delayed_advisor.hpp"
#include "runtime/sim/simulation_node.hpp"

namespace weir {
namespace {

// What the seed governs beside the policies and the work.
constexpr std::uint64_t kClockPart = 0x636c6f63;

RankClock make_clock(const SimulationOptions& options, RankId rank) {
  Random random(mix_bits(options.seed) ^ kClockPart, static_cast<std::uint64_t>(rank.value()));
  const Duration skew = from_seconds(to_seconds(options.most_skew) * random.uniform());
  return {skew, options.most_drift * (2 * random.uniform() - 1)};
}

// Steps of speed happen at a time of the world; the node sees them on its own clock.
EmulationSpec seen_on(const RankClock& clock, EmulationSpec nodes) {
  for (SpeedStep& step : nodes.speed_steps) {
    step.at_s = seconds_since_start(clock.local(SimTime(from_seconds(step.at_s))));
  }
  return nodes;
}

}  // namespace

int simulated_rank_count(const SimulationOptions& options) {
  return options.rank_count > 0 ? options.rank_count : options.nodes.node_count();
}

NetworkOptions simulated_network(const SimulationOptions& options) {
  NetworkOptions network = options.network;
  if (network.ranks_per_cluster == 0) {
    network.ranks_per_cluster = options.nodes.node_count() / options.nodes.cluster_count;
  }
  return network;
}

// A cluster of the spec is a leaf switch.
RankPlaces simulated_places(const SimulationOptions& options) {
  const NetworkOptions network = simulated_network(options);
  RankPlaces places{.rank_count = simulated_rank_count(options), .host_of = {}, .switch_of = {}};
  for (int rank = 0; rank < places.rank_count; ++rank) {
    places.host_of.push_back(rank / network.ranks_per_host);
    if (options.nodes.cluster_count > 1) {
      places.switch_of.push_back(rank / network.ranks_per_cluster);
    }
  }
  return places;
}

std::unique_ptr<Policy> Simulation::make_home_policy(const SimulationOptions& options, RankId home,
                                                     double min_node_cores) {
  std::unique_ptr<Policy> policy;
  if (oracle_) {
    policy = std::make_unique<OraclePolicy>(*oracle_);
  } else {
    policy = make_policy(options.policy,
                         {.seed = options.seed,
                          .home = home,
                          .dispatcher_count = static_cast<double>(options.dispatcher_count),
                          .min_node_cores = min_node_cores,
                          .estimator = estimator_ ? &*estimator_ : nullptr,
                          .prices = prices_ ? &*prices_ : nullptr,
                          .learns = options.online.mode != OnlineLearning::kOff});
  }
  if (!options.observe_policy) return policy;
  return options.observe_policy(home, std::move(policy), now_);
}

TreePlace Simulation::place_of(const SimulationOptions& options, RankId rank,
                               const Policy& policy) {
  if (!policy.follows_tree()) return flat_tree_place(rank, simulated_rank_count(options));
  if (!tree_) tree_.emplace(simulated_places(options), options.tree);
  return tree_->place_of(rank);
}

// Of the coordinators on one rank; it has them as long as it lives.
Simulation::AdvisorMaker Simulation::advisor_maker(const SimulationOptions& options, Node& added) {
  return [this, &added, delay = options.advisor_delay,
          make_demand = options.make_plan_demand](const TreePlace& place) {
    std::vector<Advisor*> advisors;
    for (const CoordinatorRole& role : place.roles) {
      auto planner = added.policy->make_planner(role.level);
      if (planner == nullptr) break;
      if (make_demand) {
        outlooks_.push_back(std::make_unique<ForetoldArrivals>(make_demand(now_)));
        planner->plan_for(*outlooks_.back());
      }
      added.advisors.push_back(std::make_unique<DelayedAdvisor>(std::move(planner), delay));
      advisors.push_back(added.advisors.back().get());
    }
    return advisors;
  };
}

void Simulation::add_node(const SimulationOptions& options, RankId rank, double min_node_cores,
                          const SourceMaker& make_source, SimulationSink& sink) {
  const RankClock clock = make_clock(options, rank);
  nodes_.push_back(std::make_unique<Node>(
      rank, clock, make_home_policy(options, rank, min_node_cores), sink, oracle_.get(), now_));
  Node& added = *nodes_.back();
  ServiceModel model(seen_on(clock, options.nodes), rank.value(), options.seed);
  const double speed = model.speed();
  if (oracle_) oracle_->add_node(model, clock);
  added.executor = make_emulated_executor(std::move(model), options.queue).executor;
  const bool is_planned = options.capacity.control != CapacityControl::kFixed;
  const auto is_its_own = [rank](const NodePeriod& period) { return period.rank == rank; };
  if (is_planned || std::ranges::any_of(options.parking.parked, is_its_own)) {
    auto parkable = std::make_unique<ParkableExecutor>(
        std::move(added.executor), options.capacity.planner.warm_up, clock.local(now_));
    added.parkable = parkable.get();
    added.executor = std::move(parkable);
  }
  if (options.observe_executor) {
    added.executor = options.observe_executor(rank, std::move(added.executor));
  }
  if (rank.value() < options.dispatcher_count || options.survival) {
    added.source = make_source(rank, added.clock.local(SimTime{}));
  }
  added.transport = std::make_unique<SimTransport>(
      rank, simulated_rank_count(options), added.clock, now_, letters_,
      [this](std::uint32_t letter, bool is_report) { post(letter, is_report); });
  NodeAgentOptions agent;
  agent.meter = {.speed = speed, .class_count = options.class_count};
  agent.dispatcher_count = options.dispatcher_count;
  agent.max_retries = options.max_retries;
  agent.report_interval = options.report_interval;
  agent.node_control = options.node_control;
  agent.migrates = is_on(options.migration, added.policy->follows_tree());
  agent.suspicion = options.suspicion;
  agent.heartbeat = options.heartbeat;
  agent.router = options.router;
  agent.host = options.host;
  agent.check_invariants = options.check_invariants;
  agent.max_in_flight = options.max_in_flight;
  agent.overflow = options.overflow;
  agent.seed = options.seed;
  agent.place = place_of(options, rank, *added.policy);
  if (is_planned) agent.capacity = options.capacity.planner;
  NodeAgentParts parts{*added.transport, *added.executor, added.telemetry,
                       *added.policy,    added,           added.source.get()};
  const AdvisorMaker make_advisors = advisor_maker(options, added);
  parts.advisors = make_advisors(*agent.place);
  parts.demand = demand_.get();
  parts.adviser = options.adviser != nullptr ? options.adviser : adviser_.get();
  if (options.limit_adviser) parts.limits = options.limit_adviser(rank, now_);
  if (parts.limits == nullptr && limits_) parts.limits = &*limits_;
  if (estimator_) set_learning(options, added, agent, parts);
  if (options.survival) set_survival(options, make_advisors, added, agent, parts);
  if (options.observe_moves) parts.moves = options.observe_moves(rank, now_);
  added.agent = std::make_unique<NodeAgent>(agent, parts);
  added.agent->finish_after_epoch();
  if (added.source == nullptr) added.agent->close_epoch();
}

void Simulation::set_learning(const SimulationOptions& options, Node& added,
                              NodeAgentOptions& agent, NodeAgentParts& parts) {
  agent.online = options.online.mode;
  if (agent.online == OnlineLearning::kOff || agent.place->roles.empty()) return;
  added.trainer = options.online.make_trainer(added.id);
  parts.learning = {.given = &*estimator_, .trainer = added.trainer.get()};
  if (options.observe_learning) parts.learning.observer = options.observe_learning(added.id, now_);
}

void Simulation::set_survival(const SimulationOptions& options, const AdvisorMaker& make_advisors,
                              Node& added, NodeAgentOptions& agent, NodeAgentParts& parts) {
  const RankId rank = added.id;
  const int rank_count = simulated_rank_count(options);
  const bool in_tree = added.policy->follows_tree();
  parts.copies = options.survival->copies_of(rank);
  agent.survival =
      SurvivalOptions{.out_after = options.survival->out_after,
                      .copy_interval = options.survival->copy_interval,
                      .place_without =
                          [this, rank, rank_count, in_tree](const std::set<RankId>& out) {
                            return in_tree ? tree_->without(out).place_of(rank)
                                           : flat_tree_place(rank, rank_count, out);
                          },
                      .advisors_of = make_advisors,
                      .final_word = {}};
}

}  // namespace weir
