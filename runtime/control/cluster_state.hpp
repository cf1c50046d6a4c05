// What one home knows of all nodes: their reports, and its own counts. Before it places a task or
// hears of another node it knows of itself only. In a tree of several clusters it sees the nodes of
// its own and those of the others that it was shown last; nodes out of its sight have no capacity.

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/policy/views.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

class ClusterState {
 public:
  ClusterState(RankId self, int node_count, int dispatcher_count);

  // The same where not all nodes are to be seen.
  ClusterState(RankId self, int node_count, int dispatcher_count, const TreePlace& place);

  // False when the report is not newer than the one known.
  bool apply(const NodeReport& report);
  // From now on these are the nodes of other clusters that are seen; their reports are yet to be
  // applied.
  void see(const std::vector<EntryCluster>& others);

  // A suspected node has no capacity, whatever it has reported.
  void set_suspected(RankId node, bool suspected);

  void on_placed(RankId node, ClassId task_class);
  void on_moved(RankId from, RankId to, ClassId task_class);
  void on_ended(RankId node, ClassId task_class, Duration service);
  // An attempt that ended without telling anything about the node's speed.
  void on_failed(RankId node, ClassId task_class) { take_away(node, task_class); }

  const NodeView& node(RankId rank) const {
    return knows(rank) ? nodes_[place_of(rank)] : unknown_node_;
  }
  // The newest report of that node; its sequence is zero before the first one.
  const NodeReport& report(RankId rank) const {
    return knows(rank) ? reports_[place_of(rank)].report : no_report_;
  }
  int node_count() const { return node_count_; }

  // Valid until the next call of any member. Report ages are exact to kAgeStep.
  ClusterView view(Instant now);

 private:
  // Ages of all nodes are renewed at most this often: a choice must not cost a pass over the nodes.
  // A twentieth of the usual age; at 1 ms the pass was a tenth of all cache misses of a job of
  // 10,000 nodes.
  static constexpr Duration kAgeStep = std::chrono::milliseconds(5);

  struct ReportState {
    NodeReport report;
    std::array<bool, kMaxClasses> measured{};  // the node itself reported this class's service time
  };

  // A rank that neither places tasks nor hears of others knows only itself: in a job of many ranks
  // most are such, and memory for all nodes at every rank would grow with their square.
  bool is_whole() const { return nodes_.size() == static_cast<std::size_t>(node_count_); }
  bool knows(RankId rank) const { return is_whole() || rank == self_; }
  std::size_t place_of(RankId rank) const {
    return is_whole() ? static_cast<std::size_t>(rank.value()) : 0;
  }
  void become_whole();
  void show(std::vector<RankId> ranks);
  std::vector<RankId> all_ranks() const;
  bool nobody_works() const;
  void assume_alike(const NodeReport& own);
  bool is_suspected(std::size_t place) const { return !suspected_.empty() && suspected_[place]; }
  void take_away(RankId node, ClassId task_class);

  RankId self_;
  int node_count_;
  double dispatcher_count_;
  std::vector<NodeView> nodes_;       // of all nodes, or of this one alone
  std::vector<ReportState> reports_;  // as many
  std::vector<RankId> cluster_;       // this home's own; empty: all nodes are seen
  std::vector<RankId> visible_;       // ascending; empty as `cluster_` is
  double homes_of_cluster_ = 0;       // how many of it place tasks; where it is not all nodes
  RankId never_works_ = kNoRank;      // of this cluster, before it has said so itself
  std::vector<bool> suspected_;       // as `nodes_`; empty before the first one
  NodeView unknown_node_;
  NodeReport no_report_;
  Instant ages_as_of_{};
};

}  // namespace weir
