#include "runtime/policy/join_fastest_idle_local_policy.hpp"

#include "runtime/policy/fastest_idle.hpp"
#include "runtime/policy/node_costs.hpp"

namespace weir {

JoinFastestIdleLocalPolicy::JoinFastestIdleLocalPolicy(JoinFastestIdleLocalOptions options)
    : options_(options) {}

RankId JoinFastestIdleLocalPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const double dispatchers = cluster.dispatcher_count;
  const auto is_idle = [&](const NodeView& node) {
    const bool counts_tell = !options_.wants_tokens || own_counts_tell(node, dispatchers);
    return counts_tell && is_idle_by_own_counts(node, dispatchers, options_.margin) &&
           has_room_for_class(node, task.task_class, dispatchers);
  };

  const NodeServices service(task, cluster, options_.speeds);
  const RankId idle = fastest_idle_node(cluster, service, is_idle);
  if (idle != kNoRank) return idle;
  const RankId told_idle = tokens_.take(cluster);
  if (told_idle != kNoRank) return told_idle;
  return cheapest_node(cluster, [&](const NodeView& node) {
    return waiting_cost_of_class(node, task.task_class, node.own_in_flight,
                                 node.own_of_class[task.task_class.value()], service(node));
  });
}

void JoinFastestIdleLocalPolicy::on_token(RankId node) {
  if (options_.wants_tokens) tokens_.add(node);
}

}  // namespace weir
