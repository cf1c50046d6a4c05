// Draws nodes at random, each as likely as its share of the cores' speed, or all alike.

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/policy/alias_table.hpp"
#include "runtime/policy/views.hpp"

namespace weir {

enum class NodeWeight {
  kUniform,   // every node with capacity alike
  kCapacity,  // in proportion to cores x speed
};

// Keeps an alias table of the nodes it saw. A draw takes constant time: it compares the drawn node
// and one further node with the table, in turn, and makes a new table, linear in the nodes, when
// one has changed. So a change of capacity is seen after at most as many draws as there are nodes,
// and a node that lost all capacity is never drawn.
class NodeSampler {
 public:
  // Turns the weights of the nodes into others, none below zero and not all zero. Called whenever
  // a table is made.
  using Reshape = std::function<void(std::span<double>)>;

  NodeSampler(NodeWeight weight, Random random, Reshape reshape = nullptr);

  // A position in cluster.nodes.
  std::size_t draw(const ClusterView& cluster);
  // Nodes with capacity at the last draw.
  std::size_t drawable_nodes() const { return drawable_nodes_; }

 private:
  double weight_of(const NodeView& node) const;
  bool is_current(const ClusterView& cluster, std::size_t node) const;
  void rebuild(const ClusterView& cluster);

  NodeWeight weight_;
  Random random_;
  Reshape reshape_;
  std::vector<double> weights_;  // of which the table was made, before they were reshaped
  std::optional<AliasTable> table_;
  std::size_t drawable_nodes_ = 0;
  std::size_t next_to_compare_ = 0;
};

}  // namespace weir
