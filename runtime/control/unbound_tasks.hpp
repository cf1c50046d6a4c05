// The home's side of late binding (Sparrow, see runtime/policy/late_binding_policy.hpp): the tasks
// that have no node yet. Each has reservations at a few nodes, and goes to the first of them that
// asks. So there is one owner at any instant: the home, until it answers a request; then that
// node. Whoever asks later, or for an attempt that is over, hears that the task is gone; the nodes
// that have not asked are told, so that their lines do not fill with what is no longer to be had.
//
// An unbound task counts in no node's own_in_flight: it is at none. It counts at its node from the
// answer on, like a placed one. Its home's limit on incomplete tasks bounds reservations, and the
// number of workers of a node bounds what it asks for; so late binding needs no credit.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/cluster_state.hpp"
#include "runtime/control/task_table.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

class UnboundTasks {
 public:
  // All references outlive this.
  UnboundTasks(RankId self, Policy& policy, ClusterState& cluster, TaskTable& table,
               Transport& transport);

  // The policy chooses nodes for this attempt; their reservations leave with the next flush.
  void add(const TaskHeader& header, Instant now);

  // Reserves further nodes for the tasks for which nobody can ask, because all nodes where they are
  // reserved are silent. Who asks first has the task, as ever.
  void reserve_again(const std::function<bool(RankId)>& is_silent, Instant now);

  // This node is gone: further nodes for the tasks that were reserved there, or, where reservations
  // are passed on from node to node, for all of them.
  void reserve_without(RankId node, bool all, Instant now);

  // Gives the node what is still to be had of what it wants: its entry says so from now on. A task
  // whose arguments cannot be serialized is gone, and the end of its attempt is appended to
  // `failed`.
  RequestAnswer on_request(RankId node, const TaskRequest& request, std::vector<TaskEnd>& failed);

  // Sends the nodes their reservations and cancellations; those of this node itself are returned.
  struct Own {
    ReservationBatch reserved;
    Cancellation cancelled;
  };
  Own flush();

  std::size_t size() const { return reserved_at_.size(); }
  // Whether some of them may be asked for by this node.
  bool has_some_at(RankId node) const {
    return !peers_.empty() && peers_[static_cast<std::size_t>(node.value())].reserved_count > 0;
  }
  std::uint64_t decision_count() const { return decision_count_; }

 private:
  struct Peer {
    ReservationBatch reserved;
    Cancellation cancelled;
    bool listed = false;
    std::uint32_t reserved_count = 0;  // of `reserved_at_`
  };

  void reserve(const TaskHeader& header, std::vector<RankId>& nodes, Instant now);
  void reserve_further(std::vector<TaskId> tasks, Instant now);
  Peer& listed_peer(RankId node);
  bool bind(const Reservation& wanted, RankId node, TaskEntry& entry);

  RankId self_;
  Policy& policy_;
  ClusterState& cluster_;
  TaskTable& table_;
  Transport& transport_;
  std::unordered_map<TaskId, std::vector<RankId>> reserved_at_;
  std::vector<Peer> peers_;     // one per node; empty before the first unbound task
  std::vector<RankId> unsent_;  // peers with something, in the order it came
  std::uint64_t decision_count_ = 0;
};

}  // namespace weir
