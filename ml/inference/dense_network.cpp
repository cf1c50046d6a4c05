#include "ml/inference/dense_network.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

std::size_t parameter_count(const std::vector<std::size_t>& sizes) {
  std::size_t count = 0;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) count += (sizes[i] + 1) * sizes[i + 1];
  return count;
}

void layer(const float* weights, const float* biases, const float* in, std::size_t in_size,
           float* out, std::size_t out_size) {
  for (std::size_t o = 0; o < out_size; ++o) {
    const float* row = weights + o * in_size;
    float sum = biases[o];
    for (std::size_t i = 0; i < in_size; ++i) sum += row[i] * in[i];
    out[o] = sum;
  }
}

std::string name_of(const std::string& prefix, std::size_t layer_number, const char* what) {
  return prefix + "." + std::to_string(layer_number) + "." + what;
}

}  // namespace

DenseNetwork::DenseNetwork(std::vector<std::size_t> sizes) : sizes_(std::move(sizes)) {
  WEIR_CHECK(sizes_.size() >= 2, "a network without inputs or outputs");
  parameters_.resize(parameter_count(sizes_));
}

DenseNetwork::DenseNetwork(std::vector<std::size_t> sizes, const WeightFile& weights,
                           const std::string& prefix, const std::filesystem::path& path)
    : DenseNetwork(std::move(sizes)) {
  auto place = parameters_.begin();
  for (std::size_t i = 0; i + 1 < sizes_.size(); ++i) {
    const Tensor& weight =
        tensor_of(weights, name_of(prefix, i, "weight"), {sizes_[i + 1], sizes_[i]}, path);
    const Tensor& bias = tensor_of(weights, name_of(prefix, i, "bias"), {sizes_[i + 1]}, path);
    place = std::ranges::copy(weight.values, place).out;
    place = std::ranges::copy(bias.values, place).out;
  }
}

void DenseNetwork::store(WeightFile& weights, const std::string& prefix) const {
  auto from = parameters_.begin();
  for (std::size_t i = 0; i + 1 < sizes_.size(); ++i) {
    const auto weight_end = from + static_cast<std::ptrdiff_t>(sizes_[i] * sizes_[i + 1]);
    const auto bias_end = weight_end + static_cast<std::ptrdiff_t>(sizes_[i + 1]);
    weights.tensors[name_of(prefix, i, "weight")] = {{sizes_[i + 1], sizes_[i]},
                                                     {from, weight_end}};
    weights.tensors[name_of(prefix, i, "bias")] = {{sizes_[i + 1]}, {weight_end, bias_end}};
    from = bias_end;
  }
}

void DenseNetwork::evaluate(std::span<const float> inputs, std::size_t count,
                            std::span<float> outputs) {
  WEIR_CHECK(inputs.size() == count * sizes_.front() && outputs.size() == count * sizes_.back(),
             "a network with other inputs or outputs");
  const std::size_t widest = *std::ranges::max_element(sizes_);
  for (auto& scratch : scratch_) scratch.resize(std::max(scratch.size(), widest));
  const std::size_t layers = sizes_.size() - 1;
  for (std::size_t row = 0; row < count; ++row) {
    const float* in = inputs.data() + row * sizes_.front();
    const float* parameters = parameters_.data();
    for (std::size_t i = 0; i < layers; ++i) {
      const bool is_last = i + 1 == layers;
      float* out = is_last ? outputs.data() + row * sizes_.back() : scratch_[i % 2].data();
      const float* biases = parameters + sizes_[i] * sizes_[i + 1];
      layer(parameters, biases, in, sizes_[i], out, sizes_[i + 1]);
      parameters = biases + sizes_[i + 1];
      if (!is_last) {
        for (std::size_t o = 0; o < sizes_[i + 1]; ++o) out[o] = std::max(0.0F, out[o]);
      }
      in = out;
    }
  }
}

}  // namespace weir
