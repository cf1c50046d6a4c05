// The agent's assertion mode: what it holds, as counts that have to agree.

#include <string>

#include "runtime/base/check.hpp"
#include "runtime/control/node_agent.hpp"

namespace weir {

AgentState NodeAgent::state(Instant now) const {
  AgentState s;
  s.submitted = counts_.submitted;
  s.completed = counts_.completed;
  s.retried = counts_.retried;
  s.reissued = counts_.reissued;
  s.stale_ends = counts_.stale_ends;
  s.ends_heard = counts_.ends_heard;
  s.never_ran = counts_.never_ran;
  s.in_table = table_.size();
  s.most_in_table = options_.max_in_flight;
  s.unbound = unbound_.size();
  s.most_credit = options_.router.credit_per_node;
  if (s.submitted > 0) s.nodes.resize(static_cast<std::size_t>(cluster_.node_count()));
  table_.for_each([&s](const TaskEntry& entry) {
    if (entry.node == kNoRank) {
      ++s.nowhere_in_table;
    } else {
      ++s.nodes[static_cast<std::size_t>(entry.node.value())]
            .in_table[entry.header.task_class.value()];
    }
  });
  for (std::size_t rank = 0; rank < s.nodes.size(); ++rank) {
    const RankId id(static_cast<std::int32_t>(rank));
    const NodeView& view = cluster_.node(id);
    s.nodes[rank].counted = view.own_of_class;
    s.nodes[rank].credit = router_.credit(id);
    s.nodes[rank].suspected = suspicion_.suspects(id);
    s.nodes[rank].has_capacity = capacity(view) > 0;
  }
  s.queued = executor_.counts(now).queued;
  // What came before credit was held back, what others may have had under way then, this node's
  // own, and what is handed over to it.
  const auto homes = static_cast<std::uint64_t>(options_.dispatcher_count);
  const auto ranks = static_cast<std::uint64_t>(cluster_.node_count());
  s.most_queued = options_.host.queue_limit + homes * options_.router.credit_per_node +
                  options_.max_in_flight + ranks * options_.hand_over.max_tasks;
  return s;
}

RankTotals NodeAgent::totals() const {
  return {.submitted = counts_.submitted,
          .completed = counts_.completed,
          .reissued = counts_.reissued,
          .ends_heard = counts_.ends_heard,
          .attempts_ended = host_.ended_count(),
          .moved_in = desk_.counts().tasks_received,
          .moved_out = desk_.counts().tasks_given,
          .offered = desk_.offered_task_count()};
}

void NodeAgent::check_invariants(Instant now) const {
  const std::string broken = broken_rule(state(now));
  WEIR_CHECK(broken.empty(),
             "an invariant of rank " + std::to_string(self_.value()) + " is broken: " + broken);
}

}  // namespace weir
