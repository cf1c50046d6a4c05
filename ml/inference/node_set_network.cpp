#include "ml/inference/node_set_network.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "ml/inference/lane_layer.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

// Where one layer of a dense network lies among its parameters.
struct Layer {
  const float* weights;
  const float* biases;
};

Layer layer_of(const DenseNetwork& network, std::size_t number) {
  const auto& sizes = network.sizes();
  const float* at = network.parameters().data();
  for (std::size_t i = 0; i < number; ++i) at += (sizes[i] + 1) * sizes[i + 1];
  return {at, at + sizes[number] * sizes[number + 1]};
}

const std::string kShape = "network_shape";

float mean_of(std::span<const float> numbers) {
  float sum = 0;
  for (const float number : numbers) sum += number;
  return sum / static_cast<float>(numbers.size());
}

}  // namespace

void check(const NodeSetShape& shape) {
  WEIR_CHECK(shape.node_features > 0 && shape.class_features > 0, "nothing to look at");
  WEIR_CHECK(
      shape.node_actions > 0 && shape.node_actions <= std::numeric_limits<std::uint8_t>::max(),
      "too few or many actions");
  WEIR_CHECK(std::ranges::all_of(shape.set_branches, [](auto actions) { return actions > 0; }),
             "a branch without an action");
}

std::string text_of(const NodeSetShape& shape) {
  std::string text = "node_features " + std::to_string(shape.node_features) + " class_features " +
                     std::to_string(shape.class_features) + " context_features " +
                     std::to_string(shape.context_features) + " node_actions " +
                     std::to_string(shape.node_actions);
  for (const std::uint8_t actions : shape.set_branches) {
    text += " set_branch " + std::to_string(actions);
  }
  return text;
}

void store_shape(const std::string& text, WeightFile& weights) {
  weights.provenance[kShape] = text;
}

void require_shape(const std::string& text, const ActionBranches& branches,
                   const WeightFile& weights, const std::filesystem::path& path) {
  const auto found = weights.provenance.find(kShape);
  const bool is_told = found != weights.provenance.end();
  if (is_told ? found->second == AttributeValue(text) : branches.size() <= 1) return;
  const auto* told = is_told ? std::get_if<std::string>(&found->second) : nullptr;
  throw Error("the weights cannot be used",
              path.string() + ": " + (told == nullptr ? "no shape of the network" : *told), text,
              "weights of a network of this shape");
}

std::vector<std::size_t> node_network_sizes(const NodeSetShape& shape) {
  return {shape.node_features, kNodeHidden, kNodeEmbedding};
}

std::vector<std::size_t> head_network_sizes(const NodeSetShape& shape) {
  return {kNodeEmbedding + shape.class_features + kPooled + shape.context_features, kHeadHidden,
          kHeadLast, shape.node_actions};
}

std::vector<std::size_t> set_network_sizes(const NodeSetShape& shape) {
  return {kPooled + shape.context_features, kSetHidden, 1 + action_count(shape.set_branches)};
}

ActionBranches branches_of(const NodeSetShape& shape, std::size_t nodes, std::size_t classes) {
  ActionBranches branches(nodes * classes, static_cast<std::uint8_t>(shape.node_actions));
  branches.insert(branches.end(), shape.set_branches.begin(), shape.set_branches.end());
  return branches;
}

std::size_t nodes_in(const NodeSetShape& shape, const NodeSet& set) {
  const std::size_t nodes = set.nodes.size() / shape.node_features;
  WEIR_CHECK(nodes > 0 && nodes * shape.node_features == set.nodes.size(),
             "features of no node, or of half a node");
  return nodes;
}

std::size_t classes_in(const NodeSetShape& shape, const NodeSet& set) {
  const std::size_t row = nodes_in(shape, set) * shape.class_features;
  const std::size_t classes = set.classes.size() / row;
  WEIR_CHECK(classes > 0 && classes * row == set.classes.size(),
             "features of no class, or not of every node");
  return classes;
}

NodeSetNetwork::NodeSetNetwork(NodeSetShape shape)
    : shape_(std::move(shape)),
      node_(node_network_sizes(shape_)),
      head_(head_network_sizes(shape_)),
      set_(set_network_sizes(shape_)) {
  check(shape_);
}

NodeSetNetwork::NodeSetNetwork(NodeSetShape shape, const WeightFile& weights,
                               const std::filesystem::path& path)
    : NodeSetNetwork(std::move(shape)) {
  node_ = DenseNetwork(node_.sizes(), weights, "node", path);
  head_ = DenseNetwork(head_.sizes(), weights, "head", path);
  set_ = DenseNetwork(set_.sizes(), weights, "set", path);
  require_shape(text_of(shape_), shape_.set_branches, weights, path);
}

std::span<const float> NodeSetNetwork::evaluate(const NodeSet& set) {
  const std::size_t nodes = nodes_in(shape_, set);
  const std::size_t classes = classes_in(shape_, set);
  WEIR_CHECK(set.context.size() == shape_.context_features, "a context of other features");
  const std::size_t node_values = nodes * classes * shape_.node_actions;
  values_.resize(node_values + action_count(shape_.set_branches));
  embeddings_.resize(nodes * kNodeEmbedding);
  lanes_.resize(kManyLanes * (kNodeEmbedding + 2 * kHeadHidden + kHeadLast + shape_.class_features +
                              shape_.node_actions));

  node_.evaluate(set.nodes, nodes, embeddings_);
  rectify(embeddings_.data(), embeddings_.size());
  pool(nodes);
  evaluate_set(set.context);
  for_each_block(nodes, [&]<std::size_t kLanes>(std::size_t first, std::size_t rows) {
    evaluate_head<kLanes>(set, classes, first, rows);
  });
  make_set_values(node_values);
  return values_;
}

void NodeSetNetwork::pool(std::size_t nodes) {
  std::array<double, kNodeEmbedding> sums{};    // Ten thousand nodes are too many for a float.
  std::array<float, kNodeEmbedding> largest{};  // Rectified numbers are not negative.
  for (std::size_t node = 0; node < nodes; ++node) {
    const float* embedding = embeddings_.data() + node * kNodeEmbedding;
    for (std::size_t i = 0; i < kNodeEmbedding; ++i) {
      sums[i] += static_cast<double>(embedding[i]);
      largest[i] = std::max(largest[i], embedding[i]);
    }
  }
  set_inputs_.resize(kPooled + shape_.context_features);
  for (std::size_t i = 0; i < kNodeEmbedding; ++i) {
    set_inputs_[i] = static_cast<float>(sums[i] / static_cast<double>(nodes));
    set_inputs_[kNodeEmbedding + i] = largest[i];
  }
}

void NodeSetNetwork::evaluate_set(std::span<const float> context) {
  std::ranges::copy(context, set_inputs_.begin() + kPooled);
  set_outputs_.resize(set_.sizes().back());
  set_.evaluate(set_inputs_, 1, set_outputs_);

  const Layer first = layer_of(head_, 0);
  const std::size_t stride = head_.sizes().front();
  head_shared_.assign(first.biases, first.biases + kHeadHidden);
  for (std::size_t o = 0; o < kHeadHidden; ++o) {
    const float* weights = first.weights + o * stride + kNodeEmbedding + shape_.class_features;
    for (std::size_t i = 0; i < set_inputs_.size(); ++i) {
      head_shared_[o] += weights[i] * set_inputs_[i];
    }
  }
}

template <std::size_t kLanes>
void NodeSetNetwork::evaluate_head(const NodeSet& set, std::size_t classes, std::size_t first,
                                   std::size_t rows) {
  const std::size_t stride = head_.sizes().front();
  const std::size_t features = shape_.class_features;
  const std::size_t actions = shape_.node_actions;
  const Layer layers[] = {layer_of(head_, 0), layer_of(head_, 1), layer_of(head_, 2)};
  float* const embedding = lanes_.data();
  float* const node_part = embedding + kNodeEmbedding * kLanes;
  float* const hidden = node_part + kHeadHidden * kLanes;
  float* const last = hidden + kHeadHidden * kLanes;
  float* const class_part = last + kHeadLast * kLanes;
  float* const advantages = class_part + features * kLanes;

  rows_to_lanes<kLanes>(embeddings_.data() + first * kNodeEmbedding, kNodeEmbedding, rows,
                        kNodeEmbedding, embedding);
  fill_lanes<kLanes>(head_shared_.data(), kHeadHidden, node_part);
  add_layer<kLanes>(layers[0].weights, stride, embedding, kNodeEmbedding, node_part, kHeadHidden);
  for (std::size_t c = 0; c < classes; ++c) {
    rows_to_lanes<kLanes>(set.classes.data() + (first * classes + c) * features, classes * features,
                          rows, features, class_part);
    std::copy_n(node_part, kHeadHidden * kLanes, hidden);
    add_layer<kLanes>(layers[0].weights + kNodeEmbedding, stride, class_part, features, hidden,
                      kHeadHidden);
    rectify(hidden, kHeadHidden * kLanes);
    fill_lanes<kLanes>(layers[1].biases, kHeadLast, last);
    add_layer<kLanes>(layers[1].weights, kHeadHidden, hidden, kHeadHidden, last, kHeadLast);
    rectify(last, kHeadLast * kLanes);
    fill_lanes<kLanes>(layers[2].biases, actions, advantages);
    add_layer<kLanes>(layers[2].weights, kHeadLast, last, kHeadLast, advantages, actions);
    for (std::size_t lane = 0; lane < rows; ++lane) {
      float* const values = values_.data() + ((first + lane) * classes + c) * actions;
      for (std::size_t a = 0; a < actions; ++a) values[a] = advantages[a * kLanes + lane];
      const float offset = set_outputs_[0] - mean_of({values, actions});
      for (std::size_t a = 0; a < actions; ++a) values[a] += offset;
    }
  }
}

void NodeSetNetwork::make_set_values(std::size_t first) {
  std::span<const float> advantages(set_outputs_.begin() + 1, set_outputs_.end());
  float* place = values_.data() + first;
  for (const std::uint8_t actions : shape_.set_branches) {
    const float offset = set_outputs_[0] - mean_of(advantages.first(actions));
    for (const float advantage : advantages.first(actions)) *place++ = advantage + offset;
    advantages = advantages.subspan(actions);
  }
}

}  // namespace weir
