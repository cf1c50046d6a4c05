// What the two forms of join-fastest-idle share: a service time per node, and the two choices.

#pragma once

#include <limits>

#include "runtime/policy/cheapest_node.hpp"

namespace weir {

// Relative service times of one task at the nodes, by its class or by one measured speed per node.
class NodeServices {
 public:
  // One pass.
  NodeServices(const TaskView& task, const ClusterView& cluster, bool class_aware)
      : class_aware_(class_aware), task_class_(task.task_class) {
    if (class_aware_) {
      work_[task_class_.value()] = mean_work_s(cluster, task_class_);
    } else {
      work_ = mean_work_of_classes(cluster);
    }
  }

  double operator()(const NodeView& node) const {
    return class_aware_ ? expected_service_s(node, task_class_, work_[task_class_.value()])
                        : 1 / measured_speed(node, work_);
  }

 private:
  bool class_aware_;
  ClassId task_class_;
  ClassWork work_{};
};

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
    return (tasks(node) + 1) * service(node) / node.cores;
  });
}

}  // namespace weir
