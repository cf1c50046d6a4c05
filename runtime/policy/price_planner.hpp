// Plans for `priced_shortest_expected_delay`: what a core second at each node costs beyond itself.
//
// Of all ways to serve the measured arrivals with no node above `most_busy` of its cores, a linear
// program finds the one that keeps the fewest cores busy (runtime/bounds). The dual value of a
// node's cores is how many busy cores one more core there would save elsewhere: its congestion
// price (F. P. Kelly, A. Maulloo and D. Tan, "Rate control for communication networks: shadow
// prices, proportional fairness and stability", J. Operational Research Society 49, 1998). By
// complementary slackness the best plan sends a class only where service x (1 + price) is least,
// so prices alone, without shares, let each home follow it, task by task. A node that has room
// costs nothing beyond itself.
//
// Prices of a program jump where its corner changes, so they are averaged over `smoothing`. Beyond
// the capacity there is no such plan; the program then is given as many more cores, all alike, as
// the load needs, and prices still say which nodes are wanted most.

#pragma once

#include <vector>

#include "runtime/policy/node_groups.hpp"
#include "runtime/policy/planner.hpp"

namespace weir {

struct PricePlannerOptions {
  // Of the cores of a node, at most, while the whole cluster has room.
  double most_busy = 0.92;
  // Time constant of the mean of the prices.
  Duration smoothing = std::chrono::seconds(1);
  NodeGroupOptions groups;
};

class PricePlanner final : public Planner {
 public:
  explicit PricePlanner(const PricePlannerOptions& options);

  // The directive has prices and no weights.
  std::optional<Directive> plan(std::span<const NodeReport> reports, Instant now) override;
  void plan_for(ArrivalOutlook& outlook) override { cluster_.plan_for(outlook); }

 private:
  PricePlannerOptions options_;
  NodeGroups cluster_;
  std::vector<double> prices_;  // by rank
};

}  // namespace weir
