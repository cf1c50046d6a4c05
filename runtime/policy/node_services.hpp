// How long a task is expected to run at each node, by one of three kinds of knowledge.

#pragma once

#include "runtime/policy/views.hpp"

namespace weir {

enum class SpeedBasis {
  kNominal,   // the speed a node was given
  kMeasured,  // one measured speed per node, whatever the class
  kClass,     // the measured service of the task's class
};

// Relative service times of one task: they compare nodes, the unit is the basis's own.
class NodeServices {
 public:
  // A pass over the nodes, none where nominal.
  NodeServices(const TaskView& task, const ClusterView& cluster, SpeedBasis basis)
      : basis_(basis), task_class_(task.task_class) {
    if (basis_ == SpeedBasis::kClass) {
      work_[task_class_.value()] = mean_work_s(cluster, task_class_);
    } else if (basis_ == SpeedBasis::kMeasured) {
      work_ = mean_work_of_classes(cluster);
    }
  }

  // The node has capacity.
  double operator()(const NodeView& node) const {
    if (basis_ == SpeedBasis::kNominal) return 1 / node.speed;
    if (basis_ == SpeedBasis::kMeasured) return 1 / measured_speed(node, work_);
    return expected_service_s(node, task_class_, work_[task_class_.value()]);
  }

 private:
  SpeedBasis basis_;
  ClassId task_class_;
  ClassWork work_{};
};

}  // namespace weir
