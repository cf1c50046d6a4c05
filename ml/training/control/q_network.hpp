// The Q-networks that are trained, in LibTorch: of a DenseShape, and of a NodeSetShape, which
// ml/inference/node_set_network.hpp describes. Instead of one value each action may have quantiles
// of the return (W. Dabney, M. Rowland, M. Bellemare, R. Munos, "Distributional reinforcement
// learning with quantile regression", AAAI 2018); their mean is its value, and is what is exported.

#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "ml/inference/weight_file.hpp"
#include "ml/training/control/q_shape.hpp"

namespace weir {

using ObservationBatch = std::vector<const Observation*>;

class QNetwork {
 public:
  // Weights and biases are drawn evenly from -1/sqrt(inputs) to 1/sqrt(inputs) of their layer.
  QNetwork(QShape shape, std::int64_t quantiles, std::uint64_t seed);

  // All actions of all branches of the first observation, then of the second, and so on: one row
  // each, one column for each quantile. Observations may differ in their numbers of nodes and
  // classes; there is at least one.
  torch::Tensor forward(const ObservationBatch& batch) const;

  // Layer by layer, weight (outputs x inputs) and bias.
  const std::vector<torch::Tensor>& parameters() const { return parameters_; }
  void copy_from(const QNetwork& other);

  // For a NodeSetNetwork, or for the DenseNetwork "q" whose outputs are the Q-values.
  WeightFile weights() const;
  // The other way: Q-values become those of the file, the same for all quantiles. Throws Error, and
  // changes nothing, where a tensor is missing, or the file is of another shape; `path` is for the
  // message.
  void set_weights(const WeightFile& from, const std::filesystem::path& path);

 private:
  // Layers of one of the networks it is made of; hidden ones are rectified, the last one is not.
  struct Part {
    std::string name;
    std::size_t first = 0;  // of its layers, among all
    std::size_t layers = 0;
  };

  // Makes what is stored of the last layer's weights or biases from those in training, or the other
  // way.
  using OfLast = std::function<torch::Tensor(const torch::Tensor& outputs)>;

  Part add_part(const std::string& name, const std::vector<std::size_t>& sizes, std::uint64_t seed);
  torch::Tensor weight(std::size_t layer) const { return parameters_[2 * layer]; }
  torch::Tensor bias(std::size_t layer) const { return parameters_[2 * layer + 1]; }
  torch::Tensor through(const Part& part, torch::Tensor rows, std::size_t from_layer = 0) const;
  torch::Tensor forward_dense(const ObservationBatch& batch) const;
  torch::Tensor forward_set(const ObservationBatch& batch, const NodeSetShape& shape) const;
  void store(const Part& part, WeightFile& weights, const OfLast& of_last) const;
  void restore(const Part& part, const WeightFile& weights, const OfLast& of_last);

  QShape shape_;
  std::int64_t quantiles_;
  std::vector<torch::Tensor> parameters_;
  Part node_;
  Part head_;
  Part whole_;  // the set's, or the only one
};

}  // namespace weir
