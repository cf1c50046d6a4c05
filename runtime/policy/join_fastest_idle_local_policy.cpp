#include "runtime/policy/join_fastest_idle_local_policy.hpp"

#include "runtime/policy/fastest_idle.hpp"
#include "runtime/policy/node_costs.hpp"

namespace weir {

JoinFastestIdleLocalPolicy::JoinFastestIdleLocalPolicy(JoinFastestIdleLocalOptions options)
    : options_(options) {}

RankId JoinFastestIdleLocalPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const double dispatchers = cluster.dispatcher_count;
  const auto own = [](const NodeView& node) { return static_cast<double>(node.own_in_flight); };
  const auto is_idle = [&](const NodeView& node) {
    const bool counts_tell = !options_.wants_tokens || own_counts_tell(node, dispatchers);
    return counts_tell && is_idle_by_own_counts(node, dispatchers, options_.margin);
  };

  const NodeServices service(task, cluster, options_.speeds);
  const RankId idle = fastest_idle_node(cluster, service, is_idle);
  if (idle != kNoRank) return idle;
  const RankId told_idle = tokens_.take(cluster);
  return told_idle != kNoRank ? told_idle : least_waiting_node(cluster, service, own);
}

void JoinFastestIdleLocalPolicy::on_token(RankId node) {
  if (options_.wants_tokens) tokens_.add(node);
}

}  // namespace weir
