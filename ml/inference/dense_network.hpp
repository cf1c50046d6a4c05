// A small feed-forward network: fully connected layers with rectifiers between them, in single
// precision. What a rank evaluates for a decision; a library built for large ones takes seven times
// as long for one of these.

#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "ml/inference/weight_file.hpp"

namespace weir {

class DenseNetwork {
 public:
  // `sizes`: inputs, hidden units of each layer, outputs; at least inputs and outputs. All weights
  // are zero.
  explicit DenseNetwork(std::vector<std::size_t> sizes);

  // From the tensors PREFIX.0.weight (outputs x inputs), PREFIX.0.bias, PREFIX.1.weight and so on.
  // Throws Error where one is missing or has another shape; `path` is for the message.
  DenseNetwork(std::vector<std::size_t> sizes, const WeightFile& weights, const std::string& prefix,
               const std::filesystem::path& path);

  void store(WeightFile& weights, const std::string& prefix) const;

  const std::vector<std::size_t>& sizes() const { return sizes_; }
  // All weights and biases, layer by layer, weights first, outputs x inputs.
  std::span<const float> parameters() const { return parameters_; }
  std::span<float> parameters() { return parameters_; }

  // `inputs`: `count` rows of as many numbers as there are inputs, one after the other; `outputs`
  // likewise. What comes out for a row does not depend on the rows beside it. Does not allocate
  // after the first call.
  void evaluate(std::span<const float> inputs, std::size_t count, std::span<float> outputs);

 private:
  template <std::size_t kLanes>
  const float* evaluate_lanes();

  std::vector<std::size_t> sizes_;
  std::size_t widest_ = 0;
  std::vector<float> parameters_;
  std::array<std::vector<float>, 2> scratch_;
};

}  // namespace weir
