// Plans for `lp_shares` (lp_shares_policy.hpp): which share of each class should go to which node,
// from what nodes measure and nothing else.
//
// The shares solve the static planning problem of the capacity bound (runtime/bounds; J. M.
// Harrison and M. J. López, "Heavy traffic resource pooling in parallel-server systems", Queueing
// Systems 33, 1999) with measured service times and arrivals. While the cluster has room they are
// those that keep the fewest cores busy with no node above `most_busy`; beyond it those that leave
// the largest margin. As in max-weight rules a backlog counts: cores that have to work off
// what is queued within `drain` are not there for new tasks.
//
// A measured mean is uncertain, and a program that looks for the best of many uncertain numbers
// finds errors. So nodes of one nominal speed whose service times are alike within `alike` form a
// group that shares its means; that also keeps the program small.

#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/policy/planner.hpp"

namespace weir {

struct LpShareOptions {
  // Of the cores of a node, at most, while the whole cluster has room. Less wait, but slower nodes.
  double most_busy = 0.92;
  // Within which a backlog should be gone; longer where plans are rare.
  Duration drain = std::chrono::milliseconds(250);
  // Time constant of the mean arrival rate.
  Duration memory = std::chrono::seconds(2);
  // Nodes are alike when the service times of no class differ by more than this factor less 1.
  double alike = 0.25;
  // Groups at most; with more of them nodes that differ more are taken for alike.
  std::size_t max_groups = 64;
};

class LpSharePlanner final : public Planner {
 public:
  explicit LpSharePlanner(const LpShareOptions& options) : options_(options) {}

  std::optional<Directive> plan(std::span<const NodeReport> reports, Instant now) override;

 private:
  using PerClass = std::array<double, kMaxClasses>;

  struct Node {
    std::size_t rank = 0;
    double cores = 0;
    double speed = 0;
    PerClass service_s{};
    double free_cores = 0;  // not needed for the backlog
    std::size_t group = 0;
  };
  struct Group {
    double speed = 0;
    double free_cores = 0;
    double cores = 0;
    PerClass service_s{};  // means over the cores of its nodes
  };

  bool measure_arrivals(std::span<const NodeReport> reports, Instant now);
  std::vector<Node> nodes_of(std::span<const NodeReport> reports) const;
  std::vector<Group> group(std::vector<Node>& nodes) const;
  std::vector<Group> group_within(std::vector<Node>& nodes, double factor, bool by_speed) const;

  LpShareOptions options_;
  std::size_t class_count_ = 0;
  PerClass rate_per_s_{};
  PerClass arrived_{};  // at the last plan
  Instant last_plan_{};
  double interval_s_ = 0;  // between the last two plans
  int plan_count_ = 0;
};

}  // namespace weir
