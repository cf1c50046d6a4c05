// What rules compare of a node. A rule and the explanation of its choice compute it here, so that
// the one cannot say what the other did not do. The least wins. `tasks` is what the rule counts at
// the node, `service` its expected service there in the unit of the rule (node_services.hpp). The
// node has capacity.

#pragma once

#include <algorithm>
#include <cmath>

#include "runtime/policy/views.hpp"

namespace weir {

// (n + 1) E[S] / c.
inline double waiting_cost(const NodeView& node, double tasks, double service) {
  return (tasks + 1) * service / node.cores;
}

// Wait and service, E[S] + E[S] (n - c + 1)^+ / c.
inline double delay_cost(const NodeView& node, double tasks, double service) {
  const double waiting = std::max(0.0, tasks + 1 - node.cores);
  return service * (1 + waiting / node.cores);
}

// E[S] of the class x the backlog, (n + 1 - c) E[S] over all classes / c, to the exponent. For a
// node without a free core.
inline double weighted_backlog_cost(const NodeView& node, double tasks, double service_of_class,
                                    double service_of_all, double exponent) {
  const double backlog = (tasks + 1 - node.cores) * service_of_all / node.cores;
  return service_of_class * (exponent == 1 ? backlog : std::pow(backlog, exponent));
}

// n / (c s).
inline double load_cost(const NodeView& node, double tasks) { return tasks / capacity(node); }

// n + 1 <= c.
inline bool has_free_core(const NodeView& node, double tasks) { return tasks + 1 <= node.cores; }

// D (own + 1) <= m c: idle, if all dispatchers have as many tasks there as this one.
inline bool is_idle_by_own_counts(const NodeView& node, double dispatcher_count, double margin) {
  return dispatcher_count * (node.own_in_flight + 1.0) <= margin * node.cores;
}

// D (own of the class + 1) <= limit, where the node has found one for the class: the same for the
// workers that the class can have.
inline bool has_room_for_class(const NodeView& node, ClassId task_class, double dispatcher_count) {
  const NodeView::OfClass& known = node.classes[task_class.value()];
  return known.limit == 0 ||
         dispatcher_count * (node.own_of_class[task_class.value()] + 1.0) <= known.limit;
}

// (n + 1) E[S] / c of all tasks or, where that is longer, of the class and the workers it can have.
inline double waiting_cost_of_class(const NodeView& node, ClassId task_class, double tasks,
                                    double tasks_of_class, double service) {
  return std::max(waiting_cost(node, tasks, service),
                  (tasks_of_class + 1) * service / cores_for(node, task_class));
}

// c >= 2 D: a home has more than one task there, so that its own count says something.
inline bool own_counts_tell(const NodeView& node, double dispatcher_count) {
  return node.cores >= 2 * dispatcher_count;
}

}  // namespace weir
