// Plans for `lp_shares` (lp_shares_policy.hpp): which share of each class should go to which node,
// from what nodes measure and nothing else.
//
// The shares solve the static planning problem of the capacity bound (runtime/bounds; J. M.
// Harrison and M. J. López, "Heavy traffic resource pooling in parallel-server systems", Queueing
// Systems 33, 1999) with measured service times and arrivals (node_groups.hpp). While the cluster
// has room they are those that keep the fewest cores busy with no node above `most_busy`; beyond it
// those that leave the largest margin.

#pragma once

#include "runtime/policy/node_groups.hpp"
#include "runtime/policy/planner.hpp"

namespace weir {

struct LpShareOptions {
  // Of the cores of a node, at most, while the whole cluster has room. Less wait, but slower nodes.
  double most_busy = 0.92;
  NodeGroupOptions groups;
};

class LpSharePlanner final : public Planner {
 public:
  explicit LpSharePlanner(const LpShareOptions& options);

  std::optional<Directive> plan(std::span<const NodeReport> reports, Instant now) override;
  void plan_for(ArrivalOutlook& outlook) override { cluster_.plan_for(outlook); }

 private:
  double most_busy_;
  NodeGroups cluster_;
};

}  // namespace weir
