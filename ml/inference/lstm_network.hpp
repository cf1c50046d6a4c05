// Two layers of long short-term memory (Hochreiter and Schmidhuber 1997; gates in the order input,
// forget, cell, output, as LibTorch has them), and a linear head that sees the second layer and the
// inputs themselves: what a naive forecast knows already need not pass through the memory.
//
// Runs one step at a time: the state holds all of the past.

#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "ml/inference/forecast.hpp"
#include "ml/inference/weight_file.hpp"

namespace weir {

inline constexpr std::size_t kLstmLayers = 2;

// Of one stream: what the network remembers.
struct LstmState {
  std::array<std::vector<float>, kLstmLayers> hidden;
  std::array<std::vector<float>, kLstmLayers> cell;
};

class LstmNetwork {
 public:
  // From the tensors lstm.LAYER.input (4 hidden x inputs), lstm.LAYER.hidden, lstm.LAYER.bias,
  // head.state (outputs x hidden), head.input and head.bias. Throws Error where one is missing or
  // has another shape; `path` is for the message.
  LstmNetwork(std::size_t input_count, std::size_t output_count, const WeightFile& weights,
              const std::filesystem::path& path);

  std::size_t output_count() const { return output_count_; }
  LstmState zero_state() const;

  // About 61,000 multiply-adds with 64 units. Any thread, with a state of its own.
  void step(std::span<const float> inputs, LstmState& state, std::span<float> outputs) const;

 private:
  // Matrices are kept as inputs x outputs.
  struct Layer {
    std::size_t input_count;
    std::vector<float> input;
    std::vector<float> hidden;
    std::vector<float> bias;
  };

  void step_layer(const Layer& layer, std::span<const float> inputs, std::vector<float>& hidden,
                  std::vector<float>& cell) const;

  std::size_t output_count_;
  std::size_t hidden_count_;
  std::vector<Layer> layers_;
  std::vector<float> head_state_;
  std::vector<float> head_input_;
  std::vector<float> head_bias_;
};

// The quantiles of one horizon from its five outputs: the median, then the distances from it down
// to the lowest and up from one to the next, each made positive. So they cannot cross.
std::array<double, kQuantileCount> quantiles_of(std::span<const float, kQuantileCount> outputs);

}  // namespace weir
