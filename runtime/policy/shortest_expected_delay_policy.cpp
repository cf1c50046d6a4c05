#include "runtime/policy/shortest_expected_delay_policy.hpp"

#include <algorithm>

#include "runtime/policy/cheapest_node.hpp"

namespace weir {

RankId ShortestExpectedDelayPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const double work_s = mean_work_s(cluster, task.task_class);
  return cheapest_node(cluster, [&](const NodeView& node) {
    const double tasks = estimated_tasks(node, cluster.dispatcher_count);
    const double waiting = std::max(0.0, tasks + 1 - node.cores);
    return expected_service_s(node, task.task_class, work_s) * (1 + waiting / node.cores);
  });
}

}  // namespace weir
