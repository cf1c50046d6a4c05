// What one home knows of all nodes: their reports, and its own counts.

#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/policy/views.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

class ClusterState {
 public:
  ClusterState(RankId self, int node_count, int dispatcher_count);

  // False when the report is not newer than the one known.
  bool apply(const NodeReport& report);

  void on_placed(RankId node);
  void on_moved(RankId from, RankId to);
  void on_ended(RankId node, ClassId task_class, Duration service);
  // An attempt that ended without telling anything about the node's speed.
  void on_failed(RankId node) { take_away(node); }

  const NodeView& node(RankId rank) const { return nodes_[rank.value()]; }
  // The newest report of that node; its sequence is zero before the first one.
  const NodeReport& report(RankId rank) const { return reports_[rank.value()].report; }
  int node_count() const { return static_cast<int>(nodes_.size()); }

  // Valid until the next call of any member. Report ages are exact to kAgeStep.
  ClusterView view(Instant now);

 private:
  // Ages of all nodes are renewed at most this often: a choice must not cost a pass over the nodes.
  static constexpr Duration kAgeStep = std::chrono::milliseconds(1);

  struct ReportState {
    NodeReport report;
    std::array<bool, kMaxClasses> measured{};  // the node itself reported this class's service time
  };

  void assume_alike(const NodeReport& own);
  void take_away(RankId node);

  RankId self_;
  double dispatcher_count_;
  std::vector<NodeView> nodes_;
  std::vector<ReportState> reports_;
  Instant ages_as_of_{};
};

}  // namespace weir
