#include "ml/inference/dense_network.hpp"

#include <algorithm>
#include <utility>

#include "ml/inference/lane_layer.hpp"
#include "runtime/base/check.hpp"

namespace weir {
namespace {

std::size_t parameter_count(const std::vector<std::size_t>& sizes) {
  std::size_t count = 0;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) count += (sizes[i] + 1) * sizes[i + 1];
  return count;
}

std::string name_of(const std::string& prefix, std::size_t layer_number, const char* what) {
  return prefix + "." + std::to_string(layer_number) + "." + what;
}

}  // namespace

DenseNetwork::DenseNetwork(std::vector<std::size_t> sizes) : sizes_(std::move(sizes)) {
  WEIR_CHECK(sizes_.size() >= 2, "a network without inputs or outputs");
  parameters_.resize(parameter_count(sizes_));
  widest_ = *std::ranges::max_element(sizes_);
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
  for (auto& scratch : scratch_) scratch.resize(widest_ * kManyLanes);
  for_each_block(count, [&]<std::size_t kLanes>(std::size_t first, std::size_t rows) {
    rows_to_lanes<kLanes>(inputs.data() + first * sizes_.front(), sizes_.front(), rows,
                          sizes_.front(), scratch_[0].data());
    const float* out = evaluate_lanes<kLanes>();
    float* place = outputs.data() + first * sizes_.back();
    for (std::size_t lane = 0; lane < rows; ++lane) {
      for (std::size_t o = 0; o < sizes_.back(); ++o) *place++ = out[o * kLanes + lane];
    }
  });
}

// From the inputs in scratch_[0].
template <std::size_t kLanes>
const float* DenseNetwork::evaluate_lanes() {
  const float* weights = parameters_.data();
  float* in = scratch_[0].data();
  float* out = scratch_[1].data();
  for (std::size_t i = 0; i + 1 < sizes_.size(); ++i) {
    const std::size_t out_size = sizes_[i + 1];
    const float* biases = weights + sizes_[i] * out_size;
    fill_lanes<kLanes>(biases, out_size, out);
    add_layer<kLanes>(weights, sizes_[i], in, sizes_[i], out, out_size);
    if (i + 2 < sizes_.size()) rectify(out, out_size * kLanes);
    weights = biases + out_size;
    std::swap(in, out);
  }
  return in;
}

}  // namespace weir
