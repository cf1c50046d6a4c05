// Weights of a network of log-prices without training.

#pragma once

#include "ml/inference/dense_network.hpp"
#include "ml/inference/learned_planner.hpp"

namespace weir {

// Raises every price where `slope` is above zero, lowers it where it is below.
inline WeightFile weights_that_move_prices(float slope) {
  const NodeSetShape shape = PriceFeatures::shape();
  WeightFile weights{.kind = LearnedPlanner::kKind, .schema = PriceFeatures::kSchema};
  DenseNetwork head(head_network_sizes(shape));
  // The biases of the last layer come last.
  head.parameters().back() = slope;
  head.parameters()[head.parameters().size() - shape.node_actions] = -slope;
  head.store(weights, "head");
  DenseNetwork(node_network_sizes(shape)).store(weights, "node");
  DenseNetwork(set_network_sizes(shape)).store(weights, "set");
  store_shape(text_of(shape), weights);
  return weights;
}

}  // namespace weir
