// The node of least cost: the one loop that most rules share.

#pragma once

#include <limits>

#include "runtime/base/check.hpp"
#include "runtime/policy/views.hpp"

namespace weir {

// The node with capacity for which cost(node) is least; ties go to the lowest rank. A cost of
// infinity excludes the node; kNoRank where that leaves none.
template <typename Cost>
RankId cheapest_node_or_none(const ClusterView& cluster, Cost cost) {
  RankId best = kNoRank;
  double least = std::numeric_limits<double>::infinity();
  for (const NodeView& node : cluster.nodes) {
    if (capacity(node) <= 0) continue;
    const double node_cost = cost(node);
    if (node_cost < least) {
      least = node_cost;
      best = node.rank;
    }
  }
  return best;
}

// As above, where every node with capacity has a finite cost.
template <typename Cost>
RankId cheapest_node(const ClusterView& cluster, Cost cost) {
  const RankId best = cheapest_node_or_none(cluster, cost);
  WEIR_CHECK(best != kNoRank, "no node with capacity to choose from");
  return best;
}

}  // namespace weir
