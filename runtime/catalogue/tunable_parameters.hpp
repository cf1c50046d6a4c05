// What can be tuned of each policy, with standard values and ranges.

#pragma once

#include <array>

#include "runtime/policy/late_binding_policy.hpp"
#include "runtime/policy/policy_parameters.hpp"
#include "runtime/policy/power_of_two_policy.hpp"

namespace weir {

inline constexpr PolicyParameter kOwnWeight{
    "own_weight", 1, 0, 4,
    "own tasks since a node's report count this x the number of dispatchers"};
inline constexpr PolicyParameter kNominalSpeeds{
    "speeds", 0, 0, 1, "0: nominal speed of a node, 1: its measured speed", true};
inline constexpr PolicyParameter kMeasuredSpeeds{
    "speeds", 1, 0, 1, "0: nominal speed of a node, 1: its measured speed", true};
inline constexpr PolicyParameter kDrawnNodes{
    "d", 2, 2, PowerOfTwoPolicy::kMostDrawn, "nodes drawn per task", true};
inline constexpr PolicyParameter kMargin{"margin", 1, .5, 2,
                                         "a node is idle up to this share of its cores"};

inline constexpr PolicyParameter kAskedNodes{"d", 2, 1, 16, "nodes asked per task", true};
inline constexpr PolicyParameter kPlacementsPerStep{
    "placements", 4, 1, 1000, "placements from one step of the search to the next", true};
inline constexpr PolicyParameter kReservedNodes{
    "d", 2, 1, LateBindingPolicy::kMostNodes, "nodes that may ask for a task", true};
inline constexpr PolicyParameter kDrawnByCapacity{
    "by_capacity", 1, 0, 1, "1: nodes are drawn by their capacity, 0: all alike", true};

inline constexpr PolicyParameter kMostBusy{
    "most_busy", .92, .5, 1, "share of a node's cores that a plan fills, if there is room"};
inline constexpr PolicyParameter kDrain{"drain_ms", 250, 10, 10000,
                                        "time in which a backlog should go"};
inline constexpr PolicyParameter kExplored{"explored", .01, 0, .2,
                                           "share of the tasks that go anywhere"};
inline constexpr PolicyParameter kBurst{"burst", 4, 0, 64,
                                        "tasks beyond its share for an idle node"};

inline constexpr std::array kLpShares{kMostBusy, kDrain, kExplored};
inline constexpr std::array kLpSharesFastestIdle{kMostBusy, kDrain, kExplored, kBurst};
constexpr auto priced(double standard_price) {
  return std::array{
      PolicyParameter{"price", standard_price, 0, 4,
                      "weight of the congestion prices; 0 ignores them"},
      PolicyParameter{"memory", 10, 0, 50, "weight of the excess over a class limit; 0 ignores it"},
      PolicyParameter{"wait", 6, 0, 20,
                      "services per core's worth of tasks beyond a node's places"},
      PolicyParameter{"lateness", 1, 0, 100, "mean services that a missed deadline costs"},
      kMostBusy,
      PolicyParameter{"smoothing_ms", 1000, 1, 60'000, "over which prices are averaged"}};
}
inline constexpr auto kPricedShortestExpectedDelay = priced(.5);
// What class limits and counts of places tell is worth more: with prices `tree` is slower in every
// scenario (tools/bench/tree levels).
inline constexpr auto kTree = priced(0);
inline constexpr std::array kOwnWeightOnly{kOwnWeight};
inline constexpr std::array kNominalSpeedsOnly{kNominalSpeeds};
inline constexpr std::array kMarginOnly{kMargin};
inline constexpr std::array kWeightAndNominalSpeeds{kOwnWeight, kNominalSpeeds};
inline constexpr std::array kWeightAndMeasuredSpeeds{kOwnWeight, kMeasuredSpeeds};
inline constexpr std::array kPowerOfTwo{kDrawnNodes, kOwnWeight};
inline constexpr std::array kJoinFastestIdleLocal{kMargin, kMeasuredSpeeds};
inline constexpr std::array kHeterogeneityAware{kAskedNodes, kOwnWeight};
inline constexpr std::array kMaxWeight{
    PolicyParameter{"exponent", 1, .1, 8, "of the backlog; small looks at rates first"},
    kOwnWeight};
inline constexpr std::array kSquareRootRandom{
    PolicyParameter{"load", .8, .01, .99, "offered load / capacity, for which shares are best"}};
inline constexpr std::array kPeakEwma{
    PolicyParameter{"gain", .05, .001, 1, "share by which a shorter response lowers the average"},
    PolicyParameter{"per_core", 0, 0, 1, "1: own tasks per core, nodes drawn by capacity", true}};
inline constexpr std::array kStochasticWaterFilling{
    PolicyParameter{"round", 8, 1, 1000, "placements of a home from one look at the queues", true},
    kOwnWeight};
inline constexpr std::array kLoadInterpretation{
    PolicyParameter{"discount", 1, .01, 10, "of reports by age; below 1 believes them longer"}};
inline constexpr std::array kTabularQLearning{
    PolicyParameter{"epsilon", .02, 0, 1, "share of placements at any node, to learn"},
    PolicyParameter{"step", .05, .001, 1, "share of the error by which an entry is corrected"},
    PolicyParameter{"discount", 0, 0, .99, "of the next task's response"}};
inline constexpr std::array kGeneticAlgorithm{
    PolicyParameter{"population", 16, 2, 200, "splits that compete", true}, kPlacementsPerStep,
    PolicyParameter{"mutation", .05, 0, 1, "probability that a weight changes"}};
inline constexpr std::array kParticleSwarm{
    PolicyParameter{"particles", 16, 2, 200, "splits that move", true}, kPlacementsPerStep,
    PolicyParameter{"inertia", .72, 0, 1, "share of its velocity that a particle keeps"},
    PolicyParameter{"attraction", 1.49, 0, 3, "to the best splits, its own and that of all"}};
inline constexpr std::array kPrequal{
    PolicyParameter{"quantile", .84, 0, 1, "a node is hot if it has more in flight than this part"},
    PolicyParameter{"probes", 3, 0, 16, "probes sent per task"},
    PolicyParameter{"pool", 16, 2, 256, "answers kept at most", true},
    PolicyParameter{"removed", 1, 0, 16,
                    "answers removed per task, the worst and the oldest in turn"},
    PolicyParameter{"max_age_ms", 1000, 1, 60'000, "answers older than this are dropped"},
    PolicyParameter{"per_core", 1, 0, 1, "1: compare what is in flight per core, 0: in all", true}};
inline constexpr std::array kLateBinding{kReservedNodes, kDrawnByCapacity};
inline constexpr std::array kReservedNodesOnly{kReservedNodes};

}  // namespace weir
