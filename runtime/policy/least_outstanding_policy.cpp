#include "runtime/policy/least_outstanding_policy.hpp"

#include "runtime/policy/fastest_idle.hpp"

namespace weir {

LeastOutstandingPolicy::LeastOutstandingPolicy(LeastOutstandingOptions options)
    : options_(options) {}

RankId LeastOutstandingPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const NodeServices service(task, cluster, options_.speeds);
  return least_waiting_node(cluster, service, [](const NodeView& node) {
    return static_cast<double>(node.own_in_flight);
  });
}

}  // namespace weir
