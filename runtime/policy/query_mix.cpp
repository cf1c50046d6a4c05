#include "runtime/policy/query_mix.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

struct NodeState {
  double idle_share;  // probability that some core is idle
  double tasks;       // mean
};

// The chain of one node: up at `join_idle` below c tasks and at `join_busy` from there on, down at
// min(n, c) x speed.
NodeState state_of_node(const SpeedGroup& group, double join_idle, double join_busy) {
  constexpr double kTooLarge = 1e100;
  double term = 1;
  double below = 0;
  double tasks = 0;
  for (int n = 0; n < group.cores; ++n) {
    below += term;
    tasks += n * term;
    term *= join_idle / ((n + 1) * group.speed);
    if (term + below > kTooLarge) {  // Only ratios matter.
      term /= kTooLarge;
      below /= kTooLarge;
      tasks /= kTooLarge;
    }
  }
  // Short of 1, so that an overloaded group is very bad and not undefined.
  const double ratio = std::min(join_busy / (group.cores * group.speed), 1 - 1e-6);
  const double from_cores = term / (1 - ratio);
  tasks += from_cores * (group.cores + ratio / (1 - ratio));
  return {below / (below + from_cores), tasks / (below + from_cores)};
}

// (x^d - (x - y b)^d) / b for idle share b, which may be zero.
double chosen_per_idle(double x, double y, double idle_share, int d) {
  if (idle_share < 1e-9) return d * std::pow(x, d - 1) * y;
  return (std::pow(x, d) - std::pow(std::max(0.0, x - y * idle_share), d)) / idle_share;
}

double arrivals_of(std::span<const SpeedGroup> groups, double load) {
  double capacity = 0;
  for (const SpeedGroup& group : groups) capacity += group.nodes * group.cores * group.speed;
  return load * capacity;
}

}  // namespace

double mean_response_of_mix(std::span<const SpeedGroup> groups, double load, int asked_nodes,
                            std::span<const double> query) {
  constexpr int kMostRounds = 200;
  constexpr double kSettled = 1e-7;
  const double arrivals = arrivals_of(groups, load);
  std::vector<double> idle(groups.size(), 1 - load);
  double tasks = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    double idle_asked = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) idle_asked += query[g] * idle[g];
    const double busy_asked = std::max(1e-12, 1 - idle_asked);
    double none_of_faster = 1;
    double moved = 0;
    tasks = 0;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const double per_node = arrivals / groups[g].nodes;
      const double join_idle =
          per_node * chosen_per_idle(none_of_faster, query[g], idle[g], asked_nodes);
      const double join_busy = per_node * std::pow(busy_asked, asked_nodes) * query[g] / busy_asked;
      none_of_faster -= query[g] * idle[g];
      const NodeState node = state_of_node(groups[g], join_idle, join_busy);
      moved = std::max(moved, std::abs(node.idle_share - idle[g]));
      idle[g] += 0.5 * (node.idle_share - idle[g]);  // Half steps do not swing.
      tasks += groups[g].nodes * node.tasks;
    }
    if (moved < kSettled) break;
  }
  return tasks / arrivals;
}

std::vector<double> best_query_mix(std::span<const SpeedGroup> groups, double load,
                                   int asked_nodes) {
  WEIR_CHECK(!groups.empty() && load > 0 && load < 1 && asked_nodes > 0, "nobody to ask");
  // In proportion to capacity at first, which is stable at any load below 1.
  std::vector<double> weights;
  for (const SpeedGroup& group : groups) weights.push_back(group.nodes * group.cores * group.speed);
  const auto normalized = [](std::vector<double> some) {
    const double total = std::accumulate(some.begin(), some.end(), 0.0);
    for (double& one : some) one /= total;
    return some;
  };
  double least = mean_response_of_mix(groups, load, asked_nodes, normalized(weights));
  for (double factor = 2; factor > 1.05;) {
    bool improved = false;
    for (double& weight : weights) {
      for (const double times : {factor, 1 / factor}) {
        const double before = weight;
        weight *= times;
        const double now = mean_response_of_mix(groups, load, asked_nodes, normalized(weights));
        // A gain below the accuracy of the fixed point would let the search run on for nothing.
        if (now < least * (1 - 1e-6)) {
          least = now;
          improved = true;
        } else {
          weight = before;
        }
      }
    }
    if (!improved) factor = std::sqrt(factor);
  }
  return normalized(weights);
}

}  // namespace weir
