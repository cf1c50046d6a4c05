// The Q-network of the cluster and system levels: values of actions at every node of a set, for any
// number of nodes with the same weights. A "node" is whatever the level decides about: a node, a
// group of them, a child in the tree.
//
// Each node's features go through the same small network, 16-64-32. The mean and the largest of its
// outputs over all nodes, 64 numbers, say how the whole set is (M. Zaheer et al., "Deep sets", NIPS
// 2017). For each class at each node a head, 64-32-1 for each action, sees the node's outputs, the
// features of that class there, the set and the context, and puts out advantages A. The set and the
// context alone give the value V, and the advantages of the actions that concern the whole set. A
// branch is one class at one node, or one whole-set decision; its Q-values are V + A - mean(A) over
// the branch's actions (Z. Wang et al., "Dueling network architectures for deep reinforcement
// learning", ICML 2016; one V for all branches as in Tavakoli et al., AAAI 2018).

#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "ml/inference/action_branches.hpp"
#include "ml/inference/dense_network.hpp"
#include "ml/inference/weight_file.hpp"

namespace weir {

struct NodeSetShape {
  std::size_t node_features = 16;
  std::size_t class_features = 1;    // of one class at one node
  std::size_t context_features = 0;  // of the whole set, beside what is pooled
  std::size_t node_actions = 3;      // of one class at one node
  // Of the decisions about the whole set, such as a migration budget.
  ActionBranches set_branches = {};
  friend bool operator==(const NodeSetShape&, const NodeSetShape&) = default;
};

// Ends the run for a shape of which there is no network: it looks at no features, or a decision has
// no action, or more than fit an Actions. Both kinds of network check theirs with it.
void check(const NodeSetShape& shape);

// All numbers of a shape with their names; shapes that differ have other texts.
std::string text_of(const NodeSetShape& shape);

// Branches of the same total have tensors of the same sizes, so the text of a network's shape goes
// with its weights, as "network_shape" of their provenance. Throws Error for the text of another
// shape, and for none where there is more than one branch to mistake; `path` is for the message.
void store_shape(const std::string& text, WeightFile& weights);
void require_shape(const std::string& text, const ActionBranches& branches,
                   const WeightFile& weights, const std::filesystem::path& path);

// What the network looks at. At least one node and one class.
struct NodeSet {
  std::span<const float> nodes;    // node by node, node_features each
  std::span<const float> classes;  // node by node, class by class, class_features each
  std::span<const float> context;  // context_features
};

inline constexpr std::size_t kNodeHidden = 64;
inline constexpr std::size_t kNodeEmbedding = 32;
inline constexpr std::size_t kPooled = 2 * kNodeEmbedding;  // means, then largest
inline constexpr std::size_t kHeadHidden = 64;
inline constexpr std::size_t kHeadLast = 32;
inline constexpr std::size_t kSetHidden = 32;

// Sizes of the layers of the three networks it is made of.
std::vector<std::size_t> node_network_sizes(const NodeSetShape& shape);
// Its inputs: a node's outputs, features of the class there, pooled, context.
std::vector<std::size_t> head_network_sizes(const NodeSetShape& shape);
// Its inputs: pooled, context. Its outputs: the value, then the actions of the set's branches.
std::vector<std::size_t> set_network_sizes(const NodeSetShape& shape);

// Branches in the order of the Q-values: node by node, class by class; then those of the set.
ActionBranches branches_of(const NodeSetShape& shape, std::size_t nodes, std::size_t classes);

// As many as `set` holds; the spans are of whole rows for the shape.
std::size_t nodes_in(const NodeSetShape& shape, const NodeSet& set);
std::size_t classes_in(const NodeSetShape& shape, const NodeSet& set);

class NodeSetNetwork {
 public:
  static constexpr const char* kKind = "q_network";

  // All weights are zero.
  explicit NodeSetNetwork(NodeSetShape shape);

  // From the tensors of three dense networks: "node.", "head." and "set.". Throws Error where one
  // is missing or has another shape, and as require_shape(); `path` is for the message.
  NodeSetNetwork(NodeSetShape shape, const WeightFile& weights, const std::filesystem::path& path);

  const NodeSetShape& shape() const { return shape_; }

  // The Q-values of all branches, in the order of branches_of(). The span lives until the next
  // call. Does not allocate after the first call with so many nodes and classes.
  std::span<const float> evaluate(const NodeSet& set);

 private:
  void pool(std::size_t nodes);
  void evaluate_set(std::span<const float> context);
  template <std::size_t kLanes>
  void evaluate_head(const NodeSet& set, std::size_t classes, std::size_t first, std::size_t rows);
  void make_set_values(std::size_t first);

  NodeSetShape shape_;
  DenseNetwork node_;
  DenseNetwork head_;
  DenseNetwork set_;
  std::vector<float> embeddings_;   // node by node
  std::vector<float> set_inputs_;   // pooled, context
  std::vector<float> set_outputs_;  // value, advantages
  std::vector<float> head_shared_;  // what the set adds to the head's first layer
  std::vector<float> lanes_;        // room for one block of nodes, layer by layer
  std::vector<float> values_;
};

}  // namespace weir
