#include "runtime/policy/policy_entries.hpp"

#include <array>
#include <cstdint>

#include "runtime/base/random.hpp"
#include "runtime/policy/join_fastest_idle_local_policy.hpp"
#include "runtime/policy/join_fastest_idle_policy.hpp"
#include "runtime/policy/join_idle_queue_policy.hpp"
#include "runtime/policy/join_shortest_queue_policy.hpp"
#include "runtime/policy/least_outstanding_policy.hpp"
#include "runtime/policy/power_of_two_policy.hpp"
#include "runtime/policy/random_policy.hpp"
#include "runtime/policy/round_robin_policy.hpp"
#include "runtime/policy/shortest_expected_delay_policy.hpp"
#include "runtime/policy/static_policy.hpp"
#include "runtime/policy/weighted_least_connections_policy.hpp"
#include "runtime/policy/weighted_round_robin_policy.hpp"
#include "runtime/policy/work_stealing_policy.hpp"

namespace weir {
namespace {

using Made = std::unique_ptr<Policy>;

constexpr PolicyParameter kOwnWeight{
    "own_weight", 1, 0, 4,
    "own tasks since a node's report count this x the number of dispatchers"};
constexpr PolicyParameter kNominalSpeeds{
    "speeds", 0, 0, 1, "0: nominal speed of a node, 1: its measured speed", true};
constexpr PolicyParameter kMeasuredSpeeds{
    "speeds", 1, 0, 1, "0: nominal speed of a node, 1: its measured speed", true};
constexpr PolicyParameter kDrawnNodes{
    "d", 2, 2, PowerOfTwoPolicy::kMostDrawn, "nodes drawn per task", true};
constexpr PolicyParameter kMargin{"margin", 1, .5, 2,
                                  "a node is idle up to this share of its cores"};

constexpr std::array kOwnWeightOnly{kOwnWeight};
constexpr std::array kNominalSpeedsOnly{kNominalSpeeds};
constexpr std::array kMarginOnly{kMargin};
constexpr std::array kWeightAndNominalSpeeds{kOwnWeight, kNominalSpeeds};
constexpr std::array kWeightAndMeasuredSpeeds{kOwnWeight, kMeasuredSpeeds};
constexpr std::array kPowerOfTwo{kDrawnNodes, kOwnWeight};
constexpr std::array kJoinFastestIdleLocal{kMargin, kMeasuredSpeeds};

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

constexpr auto kEntries = std::to_array<PolicyEntry>({
    {{"static", "fixed contiguous share per node, by nominal capacity"}, make_plain<StaticPolicy>},
    {{"round_robin", "the next node"}, make_with_home<RoundRobinPolicy>},
    {{"weighted_round_robin", "the next node, smoothly, by nominal capacity"},
     make_with_home<WeightedRoundRobinPolicy>},
    {{"random", "any node"}, make_random<NodeWeight::kUniform>},
    {{"weighted_random", "any node, by nominal capacity"}, make_random<NodeWeight::kCapacity>},
    {{"power_of_two", "d random nodes, the one with fewest tasks"},
     make_power_of_two<NodeWeight::kUniform>,
     kPowerOfTwo},
    {{"weighted_power_of_two", "d nodes by nominal capacity, the least loaded one"},
     make_power_of_two<NodeWeight::kCapacity>,
     kPowerOfTwo},
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
    {{"work_stealing", "at home; idle nodes steal (also after any other: NAME+work_stealing)"},
     make_plain<WorkStealingPolicy>},
});

}  // namespace

std::span<const PolicyEntry> policy_entries() { return kEntries; }

}  // namespace weir
