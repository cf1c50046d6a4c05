// Small weights of a forecaster, made up from a seed.

#pragma once

#include <string>

#include "ml/inference/lstm_forecaster.hpp"
#include "runtime/base/random.hpp"

namespace weir {

inline WeightFile forecaster_weights(std::uint64_t seed, std::size_t hidden = 8,
                                     double size = 0.2) {
  Random random(seed);
  WeightFile weights{.kind = std::string(kForecasterKind), .schema = kForecasterSchema};
  const auto add = [&](const std::string& name, std::vector<std::size_t> shape) {
    Tensor tensor{.shape = std::move(shape)};
    std::size_t numbers = 1;
    for (const std::size_t length : tensor.shape) numbers *= length;
    while (tensor.values.size() < numbers) {
      tensor.values.push_back(static_cast<float>(size * random.normal()));
    }
    weights.tensors[name] = std::move(tensor);
  };
  add("lstm.0.input", {4 * hidden, kForecastInputCount});
  add("lstm.1.input", {4 * hidden, hidden});
  for (const char* layer : {"lstm.0.", "lstm.1."}) {
    add(std::string(layer) + "hidden", {4 * hidden, hidden});
    add(std::string(layer) + "bias", {4 * hidden});
  }
  add("head.state", {kForecastOutputCount, hidden});
  add("head.input", {kForecastOutputCount, kForecastInputCount});
  add("head.bias", {kForecastOutputCount});
  for (std::size_t kind = 0; kind < kStreamKinds.size(); ++kind) {
    weights.provenance[ForecasterModel::base_attribute(kind)] = std::string("ewma");
  }
  return weights;
}

}  // namespace weir
