#include "runtime/policy/square_root_random_policy.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "runtime/base/check.hpp"

namespace weir {

void split_by_square_roots(std::span<double> capacities, double load) {
  WEIR_CHECK(load > 0 && load < 1, "a split for an idle or an overloaded cluster");
  const double total = std::accumulate(capacities.begin(), capacities.end(), 0.0);
  // sqrt(mu) of a node has to exceed the spare rate per root for its rate to be positive. The
  // slowest node is the first that does not, so that nodes are taken fastest first.
  std::vector<double> fastest_first(capacities.begin(), capacities.end());
  std::ranges::sort(fastest_first, std::greater<>());
  double rates = 0;
  double roots = 0;
  double spare_per_root = 0;
  for (const double rate : fastest_first) {
    const bool is_needed = rates <= load * total;
    const double with_it = (rates + rate - load * total) / (roots + std::sqrt(rate));
    if (rate <= 0 || (!is_needed && std::sqrt(rate) <= with_it)) break;
    rates += rate;
    roots += std::sqrt(rate);
    spare_per_root = (rates - load * total) / roots;
  }
  for (double& rate : capacities) {
    rate = std::max(0.0, rate - std::sqrt(rate) * spare_per_root);
  }
}

SquareRootRandomPolicy::SquareRootRandomPolicy(double load, Random random)
    : sampler_(NodeWeight::kCapacity, random,
               [load](std::span<double> capacities) { split_by_square_roots(capacities, load); }) {}

RankId SquareRootRandomPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  return cluster.nodes[sampler_.draw(cluster)].rank;
}

}  // namespace weir
