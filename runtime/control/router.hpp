// The home's outgoing side: which node a task goes to, and when it may leave. Placement is the
// policy's; the router bounds what is under way to each node by credit, and gathers what goes to
// one node into one message.
//
// Tasks that tasks submitted leave in turn with others, however many of these came before: programs
// whose tasks go on submitting keep nobody else from a node. A node whose queue is too long gives
// no credit back, and it may be that long because all that run there wait for such tasks: so where
// a node has given none for a while, they leave without (kUncredited). Their homes bound them.

#pragma once

#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/ring.hpp"
#include "runtime/control/cluster_state.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/policy/policy.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

struct RouterOptions {
  // Tasks that may be under way to one node without having been accepted. With 1024 of them a node
  // that is busy for 10 ms is not starved at 100,000 tasks/s.
  std::uint32_t credit_per_node = 1024;
  // A message is closed at whichever comes first.
  std::uint32_t max_batch_tasks = 256;
  std::size_t max_batch_bytes = std::size_t{1} << 20;
};

class Router {
 public:
  // `policy`, `cluster` and `transport` outlive the router.
  Router(RankId self, const RouterOptions& options, Policy& policy, ClusterState& cluster,
         Transport& transport);

  // Chooses a node, unless `target` names one; counts the task there, and queues it for that node.
  // Returns the node.
  RankId route(const TaskHeader& header, const Payload& payload, RankId target, Instant now);

  // The node has accepted that many of ours.
  void on_credit(RankId node, std::uint32_t task_count);

  // Finds out which nodes have given no credit for too long. Once a round, before flush(), and at
  // next_look().
  void look(Instant now);
  Instant next_look() const { return next_look_; }

  // Sends what is queued and covered by credit, or needs none; what is for this node itself goes to
  // `local`. A task whose arguments cannot be serialized leaves the queue and is not sent: the end
  // of its attempt is appended to `failed`.
  void flush(std::vector<Task>& local, std::vector<TaskEnd>& failed);
  // Of the tasks that wait here for this node's credit, those that may run elsewhere; or all of
  // them, where it will never give any. They are the caller's from now on.
  std::vector<Task> take_back(RankId node, bool for_good = false);

  // Whether flush() has anything to send.
  bool has_unsent() const { return !unsent_.empty(); }

  std::uint64_t decision_count() const { return decision_count_; }
  // Tasks that may be sent to this node before it accepts some.
  std::uint32_t credit(RankId node) const {
    return peers_.empty() ? options_.credit_per_node : peers_[node.value()].credit;
  }

 private:
  struct Peer {
    std::uint32_t credit = 0;
    bool listed = false;           // in unsent_
    bool starves = false;          // in starving_: has nested tasks and no credit
    bool is_slow = false;          // has given no credit for so long that nested tasks need none
    bool nested_was_next = false;  // when both waited last
    Instant starves_since = kNever;
    Ring<Task> nested;   // submitted by tasks; first come, first sent
    Ring<Task> waiting;  // the others, likewise

    bool may_send() const {
      return credit > 0 ? !(nested.empty() && waiting.empty()) : is_slow && !nested.empty();
    }
    // Of may_send(). One of each in turn, where there are both and credit for either.
    Task pop_next() {
      const bool both = credit > 0 && !nested.empty() && !waiting.empty();
      if (both) nested_was_next = !nested_was_next;
      const bool takes_nested = both ? nested_was_next : !nested.empty();
      return takes_nested ? nested.pop_front() : waiting.pop_front();
    }
  };

  void meet_nodes();
  void list(RankId node);
  void send_covered(RankId node, Peer& peer, std::vector<TaskEnd>& failed);

  RankId self_;
  RouterOptions options_;
  Policy& policy_;
  ClusterState& cluster_;
  Transport& transport_;
  std::vector<Peer> peers_;     // one per node; empty before the first task
  std::vector<RankId> unsent_;  // nodes for which something may leave, in the order they came
  std::vector<RankId> sending_;
  std::vector<RankId> starving_;
  Instant next_look_ = kNever;
  std::uint64_t decision_count_ = 0;
};

}  // namespace weir
