// `priced_shortest_expected_delay`: shortest expected delay (shortest_expected_delay_policy.hpp)
// where a task also pays for what it costs others. The node of least
//
//     E[S] (1 + a p) m  +  wait,
//
// E[S] the measured mean service of the class there. Greedy rules let each task take the node that
// is best for it, and so fill what is good for one class with another one that hardly cares.
//
// - p is the congestion price of a core second there, from the planner of the job (price_planner);
//   0 without one. a < 1, because prices say what a class gains on average, and which nodes are at
//   their limit changes from one instant to the next.
// - m is the memory price. Tasks that share memory bandwidth slow each other down beyond a number
//   of them that the node finds itself (its class limit). The excess of the class over it, this
//   task included, relative to the limit, times `memory`, is what m exceeds 1 by: with throughput
//   flat beyond the limit the true marginal cost jumps from 1 to 2 there, and grows.
// - wait is 0 as long as the node has room, then E[S] per core's worth of excess tasks, and a step:
//   a node said to be full may have a longer queue than this home can know.
//
// Room is counted in places. All D homes do alike, and none sees the others in time; so the cores
// of a node, and its class limit, are divided among the homes, floor((c + (node + home) mod D) / D)
// each, which adds up to c exactly (Hermite's identity). As long as all keep to their places no
// node has a queue, and no home needs fresh reports. Where a home's places at a node would be none
// or one, they say whose turn it is there, which keeps homes from running after the same report;
// and beyond them tasks are counted by report (estimated_tasks()).
//
// - Deadlines. A task that must end within `slack` and waits w misses it with probability
//   exp(-(slack - w)^+ / E[S]) where sizes are exponential; that probability times `lateness` mean
//   services is added. A task with much slack does not care, one with little goes where it surely
//   makes it.
//
// Sources: S. A. Banawan and J. Zahorjan, "Load sharing in heterogeneous queueing systems", IEEE
// INFOCOM, 1989; prices: F. P. Kelly, A. Maulloo and D. Tan, 1998, as in price_planner.hpp.

#pragma once

#include <memory>
#include <vector>

#include "runtime/policy/policy.hpp"
#include "runtime/policy/price_planner.hpp"

namespace weir {

struct PricedShortestExpectedDelayOptions {
  PricePlannerOptions planner;
  // a above; 0 ignores prices.
  double price = 0.5;
  // Of the relative excess over a class limit; 0 ignores limits.
  double memory = 10;
  // Services per core's worth of tasks beyond a node's places.
  double wait = 6;
  // Mean services that a missed deadline costs; 0 ignores deadlines.
  double lateness = 1;
};

// What the home at `self` knows of a task besides the node.
struct PricedTask {
  ClassId task_class;
  double work_s = 0;                 // mean_work_s() of its class
  Duration slack = Duration::max();  // as in TaskView
  RankId self;
};

// What the rule makes least, and what it is made of.
struct PricedCost {
  double memory = 1;   // m
  double wait_s = 0;   // wait
  double total_s = 0;  // all of it, lateness included
};

// `service_s`: expected_service_s() there; `homes`: homes_at() there; `price`: of a core second
// there.
PricedCost priced_cost(const NodeView& node, const PricedTask& task, double service_s, double homes,
                       double price, const PricedShortestExpectedDelayOptions& options);

// Two passes.
class PricedShortestExpectedDelayPolicy final : public Policy {
 public:
  explicit PricedShortestExpectedDelayPolicy(const PricedShortestExpectedDelayOptions& options)
      : options_(options) {}

  RankId place(const TaskView& task, const ClusterView& cluster) override;
  void on_directive(const Directive& directive) override { prices_ = directive.prices; }
  void on_directive_expired() override { prices_.clear(); }
  std::unique_ptr<Planner> make_planner(int level) const override;

 private:
  double price_of(const NodeView& node) const;

  PricedShortestExpectedDelayOptions options_;
  std::vector<float> prices_;  // by node
};

}  // namespace weir
