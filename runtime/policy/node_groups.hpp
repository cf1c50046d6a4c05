// The cluster as its nodes measure it, in the few numbers that a linear program needs: how much
// arrives of each class, and groups of nodes that are alike.
//
// A measured mean is uncertain, and a program that looks for the best of many uncertain numbers
// finds errors. So nodes of one nominal speed whose service times are alike within `alike` form a
// group that shares its means; that also keeps the program small.
//
// As in max-weight rules a backlog counts: cores that have to work off what is queued within
// `drain` are not there for new tasks.

#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/bounds/capacity.hpp"
#include "runtime/policy/arrival_outlook.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

struct NodeGroupOptions {
  // Within which a backlog should be gone; longer where updates are rare.
  Duration drain = std::chrono::milliseconds(250);
  // Time constant of the mean arrival rate.
  Duration memory = std::chrono::seconds(2);
  // Nodes are alike when the service times of no class differ by more than this factor less 1.
  double alike = 0.25;
  // Groups at most; with more of them nodes that differ more are taken for alike.
  std::size_t max_groups = 64;
};

class NodeGroups {
 public:
  using PerClass = std::array<double, kMaxClasses>;

  struct Node {
    std::size_t rank = 0;
    double cores = 0;
    double speed = 0;
    PerClass service_s{};
    PerClass limits{};      // cores that the class may have
    double free_cores = 0;  // not needed for the backlog
    std::size_t group = 0;
  };
  struct Group {
    double speed = 0;
    double free_cores = 0;
    double cores = 0;
    PerClass service_s{};  // means over the cores of its nodes
    PerClass limits{};     // sums over its nodes
  };

  explicit NodeGroups(const NodeGroupOptions& options) : options_(options) {}

  // As in Planner.
  void plan_for(ArrivalOutlook& outlook) { outlook_ = &outlook; }

  // Position i is the newest report of rank i, with sequence 0 before the first one. False while
  // too little is known for a plan, or nothing arrives.
  bool update(std::span<const NodeReport> reports, Instant now);

  // What follows is of the last update that returned true.
  std::size_t class_count() const { return class_count_; }
  // Measured, or foretold.
  const PerClass& rate_per_s() const { return rate_per_s_; }
  double total_rate_per_s() const { return total_rate_per_s_; }
  double interval_s() const { return interval_s_; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Group>& groups() const { return groups_; }
  // A group is a node type with its free cores, a class's work is its time there; with the limits
  // that nodes have found.
  CapacityProblem problem() const;
  // Those shares, by class and group, as weights by class and position of the report.
  std::vector<std::vector<float>> weights(const ClassShares& shares,
                                          std::size_t report_count) const;

 private:
  bool measure_arrivals(std::span<const NodeReport> reports, Instant now);
  void look_ahead(Instant now);
  void measure_nodes(std::span<const NodeReport> reports);
  void form_groups();
  std::vector<Group> groups_within(double factor, bool by_speed);

  NodeGroupOptions options_;
  std::size_t class_count_ = 0;
  ArrivalOutlook* outlook_ = nullptr;
  PerClass measured_per_s_{};
  PerClass rate_per_s_{};
  double total_rate_per_s_ = 0;
  PerClass arrived_{};  // at the last update
  Instant last_update_{};
  double interval_s_ = 0;  // between the last two updates
  int update_count_ = 0;
  std::vector<Node> nodes_;  // those that run tasks
  std::vector<Group> groups_;
};

}  // namespace weir
