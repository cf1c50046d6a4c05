#include "runtime/policy/join_fastest_idle_local_policy.hpp"

#include "runtime/policy/fastest_idle.hpp"

namespace weir {

JoinFastestIdleLocalPolicy::JoinFastestIdleLocalPolicy(JoinFastestIdleLocalOptions options)
    : options_(options) {}

RankId JoinFastestIdleLocalPolicy::place(const TaskView& task, const ClusterView& cluster) {
  const double dispatchers = cluster.dispatcher_count;
  const auto own = [](const NodeView& node) { return static_cast<double>(node.own_in_flight); };
  const auto is_idle = [&](const NodeView& node) {
    const bool counts_tell = !options_.wants_tokens || node.cores >= 2 * dispatchers;
    return counts_tell && dispatchers * (own(node) + 1) <= options_.margin * node.cores;
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
