#include "runtime/catalogue/policy_entries.hpp"

#include <array>
#include <cstdint>

#include "ml/inference/learned_policy.hpp"
#include "runtime/base/random.hpp"
#include "runtime/catalogue/tunable_parameters.hpp"
#include "runtime/policy/first_policy_improvement_policy.hpp"
#include "runtime/policy/genetic_algorithm_policy.hpp"
#include "runtime/policy/heterogeneity_aware_policy.hpp"
#include "runtime/policy/join_fastest_idle_local_policy.hpp"
#include "runtime/policy/join_fastest_idle_policy.hpp"
#include "runtime/policy/join_idle_queue_class_aware_policy.hpp"
#include "runtime/policy/join_idle_queue_policy.hpp"
#include "runtime/policy/join_shortest_queue_policy.hpp"
#include "runtime/policy/late_binding_policy.hpp"
#include "runtime/policy/least_outstanding_policy.hpp"
#include "runtime/policy/load_interpretation_policy.hpp"
#include "runtime/policy/local_policy.hpp"
#include "runtime/policy/lp_shares_policy.hpp"
#include "runtime/policy/max_weight_policy.hpp"
#include "runtime/policy/particle_swarm_policy.hpp"
#include "runtime/policy/peak_ewma_policy.hpp"
#include "runtime/policy/power_of_two_policy.hpp"
#include "runtime/policy/prequal_policy.hpp"
#include "runtime/policy/priced_shortest_expected_delay_policy.hpp"
#include "runtime/policy/random_policy.hpp"
#include "runtime/policy/round_robin_policy.hpp"
#include "runtime/policy/shortest_expected_delay_policy.hpp"
#include "runtime/policy/square_root_random_policy.hpp"
#include "runtime/policy/static_policy.hpp"
#include "runtime/policy/stochastic_water_filling_policy.hpp"
#include "runtime/policy/tabular_q_learning_policy.hpp"
#include "runtime/policy/tree_policy.hpp"
#include "runtime/policy/weighted_least_connections_policy.hpp"
#include "runtime/policy/weighted_round_robin_policy.hpp"
#include "runtime/policy/work_stealing_policy.hpp"

namespace weir {
namespace {

using Made = std::unique_ptr<Policy>;

Random random_of_home(const PolicyOptions& options) {
  return Random(options.seed, static_cast<std::uint64_t>(options.home.value()));
}

bool some_node_is_too_small_for_own_counts(const PolicyOptions& options) {
  return options.min_node_cores < 2 * options.dispatcher_count;
}

template <bool class_aware>
SpeedBasis speeds_of(const ParameterValues& values) {
  if (class_aware) return SpeedBasis::kClass;
  return values["speeds"] == 0 ? SpeedBasis::kNominal : SpeedBasis::kMeasured;
}

template <typename PolicyType>
Made make_plain(const PolicyOptions&, const ParameterValues&) {
  return std::make_unique<PolicyType>();
}

template <typename PolicyType>
Made make_with_home(const PolicyOptions& options, const ParameterValues&) {
  return std::make_unique<PolicyType>(options.home);
}

template <NodeWeight weight>
Made make_random(const PolicyOptions& options, const ParameterValues&) {
  return std::make_unique<RandomPolicy>(weight, random_of_home(options));
}

template <NodeWeight weight>
Made make_power_of_two(const PolicyOptions& options, const ParameterValues& values) {
  const PowerOfTwoOptions drawing{.drawn_nodes = static_cast<int>(values["d"]),
                                  .own_weight = values["own_weight"]};
  return std::make_unique<PowerOfTwoPolicy>(weight, drawing, random_of_home(options));
}

Made make_join_shortest_queue(const PolicyOptions&, const ParameterValues& values) {
  return std::make_unique<JoinShortestQueuePolicy>(
      JoinShortestQueueOptions{.own_weight = values["own_weight"]});
}

// Of a rule that counts tasks and compares speeds.
template <typename PolicyType, typename Options, bool class_aware>
Made make_counting(const PolicyOptions&, const ParameterValues& values) {
  return std::make_unique<PolicyType>(
      Options{.speeds = speeds_of<class_aware>(values), .own_weight = values["own_weight"]});
}

template <bool class_aware>
constexpr auto make_weighted_least_connections =
    make_counting<WeightedLeastConnectionsPolicy, WeightedLeastConnectionsOptions, class_aware>;
template <bool class_aware>
constexpr auto make_join_fastest_idle =
    make_counting<JoinFastestIdlePolicy, JoinFastestIdleOptions, class_aware>;
template <bool class_aware>
constexpr auto make_shortest_expected_delay =
    make_counting<ShortestExpectedDelayPolicy, ShortestExpectedDelayOptions, class_aware>;

template <bool class_aware>
Made make_least_outstanding(const PolicyOptions&, const ParameterValues& values) {
  return std::make_unique<LeastOutstandingPolicy>(
      LeastOutstandingOptions{.speeds = speeds_of<class_aware>(values)});
}

Made make_join_idle_queue(const PolicyOptions& options, const ParameterValues&) {
  return std::make_unique<JoinIdleQueuePolicy>(random_of_home(options));
}

template <bool class_aware>
Made make_join_fastest_idle_local(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<JoinFastestIdleLocalPolicy>(
      JoinFastestIdleLocalOptions{.speeds = speeds_of<class_aware>(values),
                                  .margin = values["margin"],
                                  .wants_tokens = some_node_is_too_small_for_own_counts(options)});
}

template <bool fastest_idle>
Made make_lp_shares(const PolicyOptions& options, const ParameterValues& values) {
  LpSharesOptions shares{.fastest_idle = fastest_idle, .explored_share = values["explored"]};
  shares.planner.most_busy = values["most_busy"];
  shares.planner.groups.drain = from_seconds(values["drain_ms"] / 1000);
  if (fastest_idle) shares.burst = values["burst"];
  return std::make_unique<LpSharesPolicy>(shares, random_of_home(options));
}

Made make_priced_shortest_expected_delay(const PolicyOptions&, const ParameterValues& values) {
  PricedShortestExpectedDelayOptions priced{.price = values["price"],
                                            .memory = values["memory"],
                                            .wait = values["wait"],
                                            .lateness = values["lateness"]};
  priced.planner.most_busy = values["most_busy"];
  priced.planner.smoothing = from_seconds(values["smoothing_ms"] / 1000);
  return std::make_unique<PricedShortestExpectedDelayPolicy>(priced);
}

Made make_learned(const PolicyOptions& options, const ParameterValues&) {
  ServiceEstimator estimator;
  if (options.estimator != nullptr) estimator = *options.estimator;
  LearnedOptions learned{.clock = options.clock, .prices = options.prices};
  // Of each home in a second: as much as a coordinator can make use of, in 13 KB.
  if (options.learns) learned.most_samples = 256;
  learned.seed = mix_bits(options.seed) ^ static_cast<std::uint64_t>(options.home.value());
  return std::make_unique<TreePolicy>(
      std::make_unique<LearnedPolicy>(learned, std::move(estimator)));
}

// The rule inside can be any that follows directives and knows nodes by rank, not by position.
Made make_tree(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<TreePolicy>(make_priced_shortest_expected_delay(options, values));
}

template <bool class_aware>
constexpr auto make_first_policy_improvement =
    make_counting<FirstPolicyImprovementPolicy, FirstPolicyImprovementOptions, class_aware>;

Made make_join_idle_queue_class_aware(const PolicyOptions& options, const ParameterValues&) {
  return std::make_unique<JoinIdleQueueClassAwarePolicy>(random_of_home(options));
}

template <bool shortest_queue>
Made make_heterogeneity_aware(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<HeterogeneityAwarePolicy>(
      HeterogeneityAwareOptions{.asked_nodes = static_cast<int>(values["d"]),
                                .shortest_queue = shortest_queue,
                                .own_weight = values["own_weight"]},
      random_of_home(options));
}

Made make_max_weight(const PolicyOptions&, const ParameterValues& values) {
  return std::make_unique<MaxWeightPolicy>(
      MaxWeightOptions{.exponent = values["exponent"], .own_weight = values["own_weight"]});
}

Made make_square_root_random(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<SquareRootRandomPolicy>(values["load"], random_of_home(options));
}

Made make_peak_ewma(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<PeakEwmaPolicy>(
      PeakEwmaOptions{.gain = values["gain"], .per_core = values["per_core"] != 0},
      random_of_home(options));
}

Made make_stochastic_water_filling(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<StochasticWaterFillingPolicy>(
      StochasticWaterFillingOptions{.round_tasks = static_cast<int>(values["round"]),
                                    .own_weight = values["own_weight"]},
      random_of_home(options));
}

Made make_load_interpretation(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<LoadInterpretationPolicy>(
      LoadInterpretationOptions{.discount = values["discount"]}, random_of_home(options));
}

Made make_tabular_q_learning(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<TabularQLearningPolicy>(
      TabularQLearningOptions{
          .epsilon = values["epsilon"], .step = values["step"], .discount = values["discount"]},
      random_of_home(options));
}

Made make_genetic_algorithm(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<GeneticAlgorithmPolicy>(
      GeneticAlgorithmOptions{.population = static_cast<int>(values["population"]),
                              .placements = static_cast<int>(values["placements"]),
                              .mutation = values["mutation"]},
      random_of_home(options));
}

Made make_particle_swarm(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<ParticleSwarmPolicy>(
      ParticleSwarmOptions{.particles = static_cast<int>(values["particles"]),
                           .placements = static_cast<int>(values["placements"]),
                           .inertia = values["inertia"],
                           .attraction = values["attraction"]},
      random_of_home(options));
}

Made make_prequal(const PolicyOptions& options, const ParameterValues& values) {
  PrequalOptions prequal;
  prequal.pool = {.size = static_cast<std::size_t>(values["pool"]),
                  .quantile = values["quantile"],
                  .max_age = from_seconds(values["max_age_ms"] / 1000),
                  .per_core = values["per_core"] != 0};
  prequal.probes_per_task = values["probes"];
  prequal.removed_per_task = values["removed"];
  return std::make_unique<PrequalPolicy>(prequal, random_of_home(options));
}

Made make_late_binding(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<LateBindingPolicy>(
      LateBindingOptions{.nodes_per_task = static_cast<int>(values["d"]),
                         .draw = values["by_capacity"] != 0 ? ReservationDraw::kCapacity
                                                            : ReservationDraw::kUniform},
      random_of_home(options));
}

Made make_late_binding_class_aware(const PolicyOptions& options, const ParameterValues& values) {
  return std::make_unique<LateBindingPolicy>(
      LateBindingOptions{.nodes_per_task = static_cast<int>(values["d"]),
                         .draw = ReservationDraw::kClassRate},
      random_of_home(options));
}

constexpr auto kEntries = std::to_array<PolicyEntry>({
    {{"static", "fixed contiguous share per node, by nominal capacity"}, make_plain<StaticPolicy>},
    {{"round_robin", "the next node"}, make_with_home<RoundRobinPolicy>},
    {{"weighted_round_robin", "the next node, smoothly, by nominal capacity"},
     make_with_home<WeightedRoundRobinPolicy>},
    {{"random", "any node"}, make_random<NodeWeight::kUniform>},
    {{"weighted_random", "any node, by nominal capacity"}, make_random<NodeWeight::kCapacity>},
    {{"square_root_random", "any node, by the best shares for a load that is given"},
     make_square_root_random,
     kSquareRootRandom},
    {{"power_of_two", "d random nodes, the one with fewest tasks"},
     make_power_of_two<NodeWeight::kUniform>,
     kPowerOfTwo},
    {{"weighted_power_of_two", "d nodes by nominal capacity, the least loaded one"},
     make_power_of_two<NodeWeight::kCapacity>,
     kPowerOfTwo},
    {{"peak_ewma", "two nodes, the one with less own response time x own tasks"},
     make_peak_ewma,
     kPeakEwma},
    {{"heterogeneity_aware_jiq_d", "d nodes by optimized odds, the fastest idle one, else any"},
     make_heterogeneity_aware<false>,
     kHeterogeneityAware},
    {{"heterogeneity_aware_jsq_d", "d nodes by optimized odds, the fastest idle or least loaded"},
     make_heterogeneity_aware<true>,
     kHeterogeneityAware},
    {{"stochastic_water_filling", "drawn so that all dispatchers together fill nodes to a level"},
     make_stochastic_water_filling,
     kStochasticWaterFilling},
    {{"load_interpretation", "drawn by reports as far as their age lets them be believed"},
     make_load_interpretation,
     kLoadInterpretation},
    {{"join_shortest_queue", "the node with the fewest tasks"},
     make_join_shortest_queue,
     kOwnWeightOnly},
    {{"weighted_least_connections", "fewest tasks for its capacity"},
     make_weighted_least_connections<false>,
     kWeightAndNominalSpeeds},
    {{"weighted_least_connections_class_aware", "fewest tasks for its measured rate of the class"},
     make_weighted_least_connections<true>,
     kOwnWeightOnly},
    {{"least_outstanding", "fewest own tasks for its capacity; ignores reported counts"},
     make_least_outstanding<false>,
     kNominalSpeedsOnly},
    {{"least_outstanding_class_aware", "fewest own tasks for its measured rate of the class"},
     make_least_outstanding<true>},
    {{"join_idle_queue", "a node that said it is idle, else a random one"}, make_join_idle_queue},
    {{"join_idle_queue_class_aware", "of the nodes that said so, the fastest for the task's class"},
     make_join_idle_queue_class_aware},
    {{"join_fastest_idle", "the fastest node with a free core, by reports"},
     make_join_fastest_idle<false>,
     kWeightAndMeasuredSpeeds},
    {{"join_fastest_idle_class_aware", "the fastest for the task's class with a free core"},
     make_join_fastest_idle<true>,
     kOwnWeightOnly},
    {{"join_fastest_idle_local", "the fastest node with a free core, by own counts"},
     make_join_fastest_idle_local<false>,
     kJoinFastestIdleLocal},
    {{"join_fastest_idle_local_class_aware", "the same with measured rates of the task's class"},
     make_join_fastest_idle_local<true>,
     kMarginOnly},
    {{"shortest_expected_delay", "least expected wait plus service, by measured class rates"},
     make_shortest_expected_delay<true>,
     kOwnWeightOnly},
    {{"shortest_expected_delay_class_blind", "the same with one speed per node for all classes"},
     make_shortest_expected_delay<false>,
     kWeightAndMeasuredSpeeds},
    {{"priced_shortest_expected_delay", "the first, with a price on what a task costs others"},
     make_priced_shortest_expected_delay,
     kPricedShortestExpectedDelay},
    {{"lp_shares", "each class divided by a linear program over measured rates"},
     make_lp_shares<false>,
     kLpShares},
    {{"lp_shares_fastest_idle", "the same shares, the fastest idle node first"},
     make_lp_shares<true>,
     kLpSharesFastestIdle},
    {{"tree", "by coordinators over clusters and over nodes; sees a part of a large job"},
     make_tree,
     kTree},
    {{"learned", "the tree's rule, corrected by a network that was trained in simulation"},
     make_learned},
    {{"first_policy_improvement", "least cost to this and all later tasks, by the M/M/c values"},
     make_first_policy_improvement<false>,
     kWeightAndMeasuredSpeeds},
    {{"first_policy_improvement_class_aware", "the same with measured rates of the task's class"},
     make_first_policy_improvement<true>,
     kOwnWeightOnly},
    {{"max_weight", "most measured rate of the class for the node's backlog"},
     make_max_weight,
     kMaxWeight},
    {{"tabular_q_learning", "learns the response of each node at each load by trial"},
     make_tabular_q_learning,
     kTabularQLearning},
    {{"genetic_algorithm", "random split, its weights improved by a genetic algorithm"},
     make_genetic_algorithm,
     kGeneticAlgorithm},
    {{"particle_swarm", "random split, its weights improved by a particle swarm"},
     make_particle_swarm,
     kParticleSwarm},
    {{"prequal", "by probes: least latency where not too much is in flight"},
     make_prequal,
     kPrequal},
    {{"late_binding", "where a core frees first, of d random nodes"},
     make_late_binding,
     kLateBinding},
    {{"late_binding_class_aware", "the same, drawn by measured rates of the task's class"},
     make_late_binding_class_aware,
     kReservedNodesOnly},
    {{"local", "every task at its home"}, make_plain<LocalPolicy>},
    {{"work_stealing", "at home; idle nodes steal (also after any other: NAME+work_stealing)"},
     make_plain<WorkStealingPolicy>},
});

}  // namespace

std::span<const PolicyEntry> policy_entries() { return kEntries; }

}  // namespace weir
