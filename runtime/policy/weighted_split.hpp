// A random split of tasks over nodes, with a weight for every (class, node), and a simple model of
// what a split costs. Searches over weights (genetic_algorithm_policy.hpp,
// particle_swarm_policy.hpp) share it.
//
// The model takes nodes as M/M/c queues: class k sends the share w_ki / sum w_k of its tasks to
// node i; the busy share rho_i of the node follows from measured service times, the wait from
// Sakasegawa's approximation E[S] rho^(sqrt(2(c+1)) - 1) / (c (1 - rho)) (H. Sakasegawa, "An
// approximation formula L = alpha rho^beta / (1 - rho)", Ann. Inst. Statistical Mathematics 29,
// 1977). A node beyond rho = kMostBusy costs in proportion to what it cannot serve.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/policy/cumulative_draw.hpp"
#include "runtime/policy/views.hpp"

namespace weir {

class WeightedSplit {
 public:
  // Leaves room for the error of measured service times, some 6 % each: a search finds the nodes
  // that look faster than they are and would overload just these.
  static constexpr double kMostBusy = 0.92;

  // A placement of this class is asked for. True where nodes or classes differ from before: then
  // all weights found so far are of the wrong length.
  bool count(ClassId task_class, const ClusterView& cluster);

  // Of the logarithms of weights, relative to a share in proportion to capacity: class by class,
  // in each node by node.
  std::size_t weight_count() const { return class_count_ * node_count_; }

  // A log weight within bounds: no node gets more than 20 times what another gets for its capacity.
  // Measured service times are a single sample at first, which must not draw all tasks to one node.
  static double limited(double log_weight) { return std::clamp(log_weight, -1.5, 1.5); }

  // Takes in measured service times, and arrivals from the classes counted and a load in [0, 1].
  void measure(const ClusterView& cluster, double load);
  // Mean response in seconds by the last measurement. Lower is better, and always finite.
  double cost(std::span<const double> log_weights);

  // Draws by these weights from now on.
  void use(std::span<const double> log_weights, const ClusterView& cluster);
  // use() has been called since count() was last true. Never a node without capacity.
  RankId draw(ClassId task_class, const ClusterView& cluster, Random& random);

 private:
  double weight(std::size_t node, double log_weight) const;

  std::size_t class_count_ = 0;  // up to the highest class counted
  std::size_t node_count_ = 0;
  std::array<double, kMaxClasses> placements_{};  // recent ones, by class
  std::array<double, kMaxClasses> arrivals_per_s_{};
  std::vector<double> capacities_;  // by node; so the next three
  std::vector<double> cores_;
  std::vector<double> services_s_;  // class by class
  std::vector<double> busy_cores_;
  std::vector<double> arrivals_at_;
  std::vector<double> shares_;
  std::vector<CumulativeDraw> draws_;  // by class
};

}  // namespace weir
