// The two choices of join-fastest-idle: the fastest of the idle nodes, and the least waiting one.

#pragma once

#include <limits>

#include "runtime/policy/cheapest_node.hpp"
#include "runtime/policy/node_costs.hpp"
#include "runtime/policy/node_services.hpp"

namespace weir {

// The idle node of least service; kNoRank where none is idle.
template <typename IsIdle>
RankId fastest_idle_node(const ClusterView& cluster, const NodeServices& service, IsIdle is_idle) {
  return cheapest_node_or_none(cluster, [&](const NodeView& node) {
    return is_idle(node) ? service(node) : std::numeric_limits<double>::infinity();
  });
}

// argmin (n + 1) E[S] / c.
template <typename Tasks>
RankId least_waiting_node(const ClusterView& cluster, const NodeServices& service, Tasks tasks) {
  return cheapest_node(cluster, [&](const NodeView& node) {
    return waiting_cost(node, tasks(node), service(node));
  });
}

}  // namespace weir
