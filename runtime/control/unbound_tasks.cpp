#include "runtime/control/unbound_tasks.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/control/task_view.hpp"

namespace weir {

UnboundTasks::UnboundTasks(RankId self, Policy& policy, ClusterState& cluster, TaskTable& table,
                           Transport& transport)
    : self_(self), policy_(policy), cluster_(cluster), table_(table), transport_(transport) {}

UnboundTasks::Peer& UnboundTasks::listed_peer(RankId node) {
  if (peers_.empty()) peers_.resize(static_cast<std::size_t>(cluster_.node_count()));
  Peer& peer = peers_[static_cast<std::size_t>(node.value())];
  if (!std::exchange(peer.listed, true)) unsent_.push_back(node);
  return peer;
}

// Appends the nodes that the policy chooses, but for those it has chosen for this task before.
void UnboundTasks::reserve(const TaskHeader& header, std::vector<RankId>& nodes, Instant now) {
  std::vector<RankId> chosen;
  policy_.reserve(view_of(header, now), cluster_.view(now), chosen);
  ++decision_count_;
  WEIR_CHECK(!chosen.empty(), "a task was reserved nowhere");
  for (const RankId node : chosen) {
    WEIR_CHECK(node.value() >= 0 && node.value() < cluster_.node_count(),
               "a task was reserved at a node that does not exist");
    if (std::ranges::find(nodes, node) != nodes.end()) continue;
    Peer& peer = listed_peer(node);
    peer.reserved.reservations.push_back({header.id, header.attempt});
    ++peer.reserved_count;
    nodes.push_back(node);
  }
}

void UnboundTasks::add(const TaskHeader& header, Instant now) {
  std::vector<RankId> nodes;
  reserve(header, nodes, now);
  const bool added = reserved_at_.emplace(header.id, std::move(nodes)).second;
  WEIR_CHECK(added, "a task was reserved twice");
}

void UnboundTasks::reserve_again(const std::function<bool(RankId)>& is_silent, Instant now) {
  std::vector<TaskId> stuck;
  for (const auto& [task, nodes] : reserved_at_) {
    if (std::ranges::all_of(nodes, is_silent)) stuck.push_back(task);
  }
  reserve_further(std::move(stuck), now);
}

void UnboundTasks::reserve_without(RankId node, bool all, Instant now) {
  std::vector<TaskId> tasks;
  for (auto& [task, nodes] : reserved_at_) {
    const auto there = std::ranges::find(nodes, node);
    if (!all && there == nodes.end()) continue;
    tasks.push_back(task);
    // So that any other may be chosen, and that one be asked again where reservations got lost.
    for (const RankId each : nodes) --peers_[static_cast<std::size_t>(each.value())].reserved_count;
    nodes.clear();
  }
  reserve_further(std::move(tasks), now);
}

void UnboundTasks::reserve_further(std::vector<TaskId> tasks, Instant now) {
  std::ranges::sort(tasks);
  for (const TaskId task : tasks) {
    const TaskEntry* entry = table_.find(task);
    WEIR_CHECK(entry != nullptr, "an unbound task is not in the table");
    reserve(entry->header, reserved_at_[task], now);
  }
}

bool UnboundTasks::bind(const Reservation& wanted, RankId node, TaskEntry& entry) {
  const auto found = reserved_at_.find(wanted.task);
  if (found == reserved_at_.end()) return false;
  for (const RankId other : found->second) {
    --peers_[static_cast<std::size_t>(other.value())].reserved_count;
    if (other != node) listed_peer(other).cancelled.reservations.push_back(wanted);
  }
  reserved_at_.erase(found);
  entry.node = node;
  cluster_.on_placed(node, entry.header.task_class);
  return true;
}

RequestAnswer UnboundTasks::on_request(RankId node, const TaskRequest& request,
                                       std::vector<TaskEnd>& failed) {
  RequestAnswer answer;
  for (const Reservation& wanted : request.wanted) {
    TaskEntry* entry = table_.find_attempt(wanted.task, wanted.attempt);
    if (entry == nullptr || !bind(wanted, node, *entry)) {
      answer.gone.push_back(wanted);
      continue;
    }
    Task task{entry->header, entry->payload};
    // An object becomes bytes where it leaves the rank.
    if (node != self_) {
      if (auto end = serialize_payload(task)) {
        failed.push_back(std::move(*end));
        answer.gone.push_back(wanted);
        continue;
      }
    }
    answer.tasks.push_back(std::move(task));
  }
  return answer;
}

UnboundTasks::Own UnboundTasks::flush() {
  Own own;
  for (const RankId node : unsent_) {
    Peer& peer = peers_[static_cast<std::size_t>(node.value())];
    peer.listed = false;
    if (node == self_) {
      own = {std::exchange(peer.reserved, {}), std::exchange(peer.cancelled, {})};
      continue;
    }
    // In this order: what was reserved and bound in one round is then cancelled.
    if (!peer.reserved.reservations.empty()) {
      transport_.send(node, std::exchange(peer.reserved, {}));
    }
    if (!peer.cancelled.reservations.empty()) {
      transport_.send(node, std::exchange(peer.cancelled, {}));
    }
  }
  unsent_.clear();
  return own;
}

}  // namespace weir
