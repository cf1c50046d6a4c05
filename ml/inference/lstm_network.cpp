#include "ml/inference/lstm_network.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr std::size_t kGates = 4;

// rows x columns, last index fastest -> columns x rows.
std::vector<float> transposed(const std::vector<float>& matrix, std::size_t columns) {
  const std::size_t rows = matrix.size() / columns;
  std::vector<float> result(matrix.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < columns; ++i) result[i * rows + row] = matrix[row * columns + i];
  }
  return result;
}

// out += matrix x in, the matrix as inputs x outputs: sums that do not depend on each other, so
// that the compiler may add several at once.
void add_product(const std::vector<float>& matrix, std::span<const float> in,
                 std::span<float> out) {
  const float* column = matrix.data();
  for (const float x : in) {
    for (std::size_t o = 0; o < out.size(); ++o) out[o] += column[o] * x;
    column += out.size();
  }
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

std::size_t hidden_count_in(const WeightFile& weights, const std::filesystem::path& path) {
  const auto found = weights.tensors.find("lstm.0.bias");
  const std::size_t gates = found == weights.tensors.end() || found->second.shape.size() != 1
                                ? 0
                                : found->second.shape.front();
  if (gates == 0 || gates % kGates != 0) {
    throw Error("the weights cannot be used", path.string() + ": 'lstm.0.bias' of no layer",
                "a vector of four numbers for each hidden unit",
                "a file that `weir train forecaster` of this version has written");
  }
  return gates / kGates;
}

}  // namespace

LstmNetwork::LstmNetwork(std::size_t input_count, std::size_t output_count,
                         const WeightFile& weights, const std::filesystem::path& path)
    : output_count_(output_count), hidden_count_(hidden_count_in(weights, path)) {
  const auto values = [&](const std::string& name, const std::vector<std::size_t>& shape) {
    return tensor_of(weights, name, shape, path).values;
  };
  const std::size_t gates = kGates * hidden_count_;
  for (std::size_t i = 0; i < kLstmLayers; ++i) {
    const std::string prefix = "lstm." + std::to_string(i) + ".";
    const std::size_t below = i == 0 ? input_count : hidden_count_;
    layers_.push_back({below, transposed(values(prefix + "input", {gates, below}), below),
                       transposed(values(prefix + "hidden", {gates, hidden_count_}), hidden_count_),
                       values(prefix + "bias", {gates})});
  }
  head_state_ = transposed(values("head.state", {output_count, hidden_count_}), hidden_count_);
  head_input_ = transposed(values("head.input", {output_count, input_count}), input_count);
  head_bias_ = values("head.bias", {output_count});
}

LstmState LstmNetwork::zero_state() const {
  LstmState state;
  for (std::size_t i = 0; i < kLstmLayers; ++i) {
    state.hidden[i].assign(hidden_count_, 0);
    state.cell[i].assign(hidden_count_, 0);
  }
  return state;
}

void LstmNetwork::step_layer(const Layer& layer, std::span<const float> inputs,
                             std::vector<float>& hidden, std::vector<float>& cell) const {
  std::vector<float> gates = layer.bias;
  add_product(layer.input, inputs, gates);
  add_product(layer.hidden, hidden, gates);
  const float* const input = gates.data();
  const float* const forget = input + hidden_count_;
  const float* const candidate = forget + hidden_count_;
  const float* const output = candidate + hidden_count_;
  for (std::size_t i = 0; i < hidden_count_; ++i) {
    cell[i] = sigmoid(forget[i]) * cell[i] + sigmoid(input[i]) * std::tanh(candidate[i]);
    hidden[i] = sigmoid(output[i]) * std::tanh(cell[i]);
  }
}

void LstmNetwork::step(std::span<const float> inputs, LstmState& state,
                       std::span<float> outputs) const {
  WEIR_CHECK(inputs.size() == layers_.front().input_count && outputs.size() == output_count_,
             "a network with other inputs or outputs");
  std::span<const float> below = inputs;
  for (std::size_t i = 0; i < kLstmLayers; ++i) {
    step_layer(layers_[i], below, state.hidden[i], state.cell[i]);
    below = state.hidden[i];
  }
  std::ranges::copy(head_bias_, outputs.begin());
  add_product(head_state_, below, outputs);
  add_product(head_input_, inputs, outputs);
}

std::array<double, kQuantileCount> quantiles_of(std::span<const float, kQuantileCount> outputs) {
  std::array<double, kQuantileCount> quantiles{};
  quantiles[kMedian] = outputs[0];
  quantiles[0] = quantiles[kMedian] - softplus(outputs[1]);
  for (std::size_t q = kMedian + 1; q < kQuantileCount; ++q) {
    quantiles[q] = quantiles[q - 1] + softplus(outputs[q]);
  }
  return quantiles;
}

}  // namespace weir
