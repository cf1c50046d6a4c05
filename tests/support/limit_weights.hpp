// Weights of a network of class limits without training.

#pragma once

#include "ml/inference/learned_limits.hpp"

namespace weir {

// Prefers one action always.
inline DenseNetwork network_of_limits(std::size_t action, float value = 1) {
  DenseNetwork network(LearnedLimits::sizes());
  // The biases of the last layer come last.
  network.parameters()[network.parameters().size() - LearnedLimits::kActions + action] = value;
  return network;
}

inline WeightFile weights_of_limits(std::size_t action) {
  WeightFile weights{.kind = LearnedLimits::kKind, .schema = LimitFeatures::kSchema};
  network_of_limits(action).store(weights, "q");
  return weights;
}

}  // namespace weir
