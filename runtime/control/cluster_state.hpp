// What one home knows of the nodes: their reports, and its own counts. Before it places a task or
// hears of another node it knows of itself only. Then it sees all of them or, in a tree of several
// clusters, those of its own and those of the others that it was shown last. A node out of its
// sight is kept, without capacity, as long as tasks of this home are there, and forgotten then.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/control/coordination_tree.hpp"
#include "runtime/control/entry_nodes.hpp"
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

  // These place tasks from now on, ascending: others are gone, or another one stands in for them.
  void set_homes(std::span<const RankId> homes);

  // A suspected node has no capacity, whatever it has reported.
  void set_suspected(RankId node, bool suspected);

  void on_placed(RankId node, ClassId task_class);
  void on_moved(RankId from, RankId to, ClassId task_class);
  void on_ended(RankId node, ClassId task_class, Duration service);
  // An attempt that ended without telling anything about the node's speed.
  void on_failed(RankId node, ClassId task_class) { take_away(node, task_class); }

  // Ascending; those in sight, and those kept for the tasks that are there.
  const std::vector<NodeView>& nodes() const { return nodes_; }
  // Of a node that is not kept: nothing there, no capacity, no rank.
  const NodeView& node(RankId rank) const {
    const auto place = place_of(rank);
    return place ? nodes_[*place] : unknown_node_;
  }
  // The newest report of that node; its sequence is zero before the first one.
  const NodeReport& report(RankId rank) const {
    const auto place = place_of(rank);
    return place ? reports_[*place].report : no_report_;
  }
  // Of the job.
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
  void look_around();
  bool sees_all() const { return cluster_.empty(); }
  std::optional<std::size_t> place_of(RankId rank) const;
  std::size_t keep(RankId rank);
  void show(std::vector<RankId> ranks);
  bool is_in_sight(RankId rank) const;
  std::size_t working_nodes_of_cluster() const;
  // Among the homes that place tasks there.
  void divide_own_nodes();
  void keep_those_in_use();
  double cores_in_sight(std::size_t place) const;
  std::vector<RankId> all_ranks() const;
  bool nobody_works() const;
  void assume_alike(const NodeReport& own);
  bool is_suspected(RankId rank) const { return suspected_.contains(rank); }
  void take_away(RankId node, ClassId task_class);

  RankId self_;
  int node_count_;
  std::vector<NodeView> nodes_;       // ascending by rank; all of the job have their rank as place
  std::vector<ReportState> reports_;  // as many
  std::vector<RankId> cluster_;       // this home's own; empty: all nodes are seen
  std::vector<RankId> visible_;       // ascending; empty as `cluster_` is
  HomeCounts home_counts_;            // of the job and of this cluster
  double homes_here_ = 0;             // that place tasks at nodes of this cluster
  RankId never_works_ = kNoRank;      // of this cluster, before it has said so itself
  bool has_looked_around_ = false;
  std::set<RankId> suspected_;
  NodeView unknown_node_;
  NodeReport no_report_;
  Instant ages_as_of_{};
};

}  // namespace weir
