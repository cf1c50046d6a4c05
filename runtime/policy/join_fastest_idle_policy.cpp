#include "runtime/policy/join_fastest_idle_policy.hpp"

#include "runtime/policy/fastest_idle.hpp"
#include "runtime/policy/node_costs.hpp"

namespace weir {

JoinFastestIdlePolicy::JoinFastestIdlePolicy(JoinFastestIdleOptions options) : options_(options) {}

RankId JoinFastestIdlePolicy::place(const TaskView& task, const ClusterView& cluster) {
  const auto tasks = [&](const NodeView& node) {
    return estimated_tasks(node, cluster.dispatcher_count, options_.own_weight);
  };
  const auto is_idle = [&](const NodeView& node) { return has_free_core(node, tasks(node)); };
  const NodeServices service(task, cluster, options_.speeds);
  const RankId idle = fastest_idle_node(cluster, service, is_idle);
  return idle != kNoRank ? idle : least_waiting_node(cluster, service, tasks);
}

}  // namespace weir
