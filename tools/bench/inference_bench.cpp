// What a decision costs: the scorer of a task's candidates, the Q-networks of the levels, and a
// step of the forecaster.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "ml/inference/dense_network.hpp"
#include "ml/inference/lstm_forecaster.hpp"
#include "ml/inference/node_set_network.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

std::vector<float> random_numbers(std::size_t count, double width, Random& random) {
  std::vector<float> numbers(count);
  for (float& number : numbers) number = static_cast<float>(width * random.normal());
  return numbers;
}

DenseNetwork random_network(std::vector<std::size_t> sizes, Random& random) {
  DenseNetwork network(std::move(sizes));
  for (float& parameter : network.parameters()) {
    parameter = static_cast<float>(0.1 * random.normal());
  }
  return network;
}

void score_candidates(benchmark::State& state) {
  Random random(1);
  const auto candidates = static_cast<std::size_t>(state.range(0));
  DenseNetwork scorer = random_network({14, 8, 1}, random);
  const std::vector<float> features = random_numbers(candidates * 14, 1, random);
  std::vector<float> scores(candidates);
  for (auto _ : state) {
    scorer.evaluate(features, candidates, scores);
    benchmark::DoNotOptimize(scores.data());
  }
}

void decide_for_one_node(benchmark::State& state) {
  Random random(1);
  DenseNetwork network = random_network({16, 64, 32, 12}, random);
  const std::vector<float> features = random_numbers(16, 1, random);
  std::vector<float> values(12);
  for (auto _ : state) {
    network.evaluate(features, 1, values);
    benchmark::DoNotOptimize(values.data());
  }
}

// Nodes, classes.
void decide_for_a_set(benchmark::State& state) {
  Random random(1);
  const auto nodes = static_cast<std::size_t>(state.range(0));
  const auto classes = static_cast<std::size_t>(state.range(1));
  const NodeSetShape shape{.class_features = 4, .context_features = 48, .set_branches = {3}};
  WeightFile weights{.kind = NodeSetNetwork::kKind};
  random_network(node_network_sizes(shape), random).store(weights, "node");
  random_network(head_network_sizes(shape), random).store(weights, "head");
  random_network(set_network_sizes(shape), random).store(weights, "set");
  NodeSetNetwork network(shape, weights, "random weights");
  const auto node_features = random_numbers(nodes * shape.node_features, 1, random);
  const auto class_features = random_numbers(nodes * classes * shape.class_features, 1, random);
  const auto context = random_numbers(shape.context_features, 1, random);
  const ActionBranches branches = branches_of(shape, nodes, classes);
  for (auto _ : state) {
    const auto values = network.evaluate({node_features, class_features, context});
    benchmark::DoNotOptimize(greedy_actions(branches, values, {}));
  }
}

// As large as the one in ml/weights.
WeightFile forecaster_weights(Random& random) {
  constexpr std::size_t kHidden = 64;
  WeightFile weights{.kind = std::string(kForecasterKind), .schema = kForecasterSchema};
  const auto add = [&](const std::string& name, const std::vector<std::size_t>& shape) {
    std::size_t numbers = 1;
    for (const std::size_t size : shape) numbers *= size;
    weights.tensors[name] = {shape, random_numbers(numbers, 0.1, random)};
  };
  add("lstm.0.input", {4 * kHidden, kForecastInputCount});
  add("lstm.1.input", {4 * kHidden, kHidden});
  for (const std::string layer : {"lstm.0.", "lstm.1."}) {
    add(layer + "hidden", {4 * kHidden, kHidden});
    add(layer + "bias", {4 * kHidden});
  }
  add("head.state", {kForecastOutputCount, kHidden});
  add("head.input", {kForecastOutputCount, kForecastInputCount});
  add("head.bias", {kForecastOutputCount});
  for (std::size_t kind = 0; kind < kStreamKinds.size(); ++kind) {
    weights.provenance[ForecasterModel::base_attribute(kind)] = "holt_winters";
  }
  return weights;
}

// The two layers and the head alone.
void step_the_forecaster(benchmark::State& state) {
  Random random(1);
  const LstmNetwork network(kForecastInputCount, kForecastOutputCount, forecaster_weights(random),
                            "random weights");
  const std::vector<float> inputs = random_numbers(kForecastInputCount, 1, random);
  LstmState memory = network.zero_state();
  std::vector<float> outputs(kForecastOutputCount);
  for (auto _ : state) {
    network.step(inputs, memory, outputs);
    benchmark::DoNotOptimize(outputs.data());
  }
}

// All that a stream costs per bin: features, the step, calibration.
void forecast_a_bin(benchmark::State& state) {
  Random random(1);
  const ForecasterModel model(forecaster_weights(random), "random weights");
  LstmForecaster forecaster(model, model.series_of("social", 600));
  std::vector<StreamBin> bins(1000);
  for (StreamBin& bin : bins) bin.count = std::max(0.0, std::round(300 + 30 * random.normal()));
  for (const StreamBin& bin : bins) forecaster.update(bin);
  std::size_t next = 0;
  for (auto _ : state) {
    forecaster.update(bins[next++ % bins.size()]);
    benchmark::DoNotOptimize(forecaster.forecast());
  }
}

BENCHMARK(score_candidates)->Arg(1)->Arg(4)->Arg(16);
BENCHMARK(decide_for_one_node);
BENCHMARK(decide_for_a_set)
    ->Args({4, 3})
    ->Args({64, 1})
    ->Args({64, 3})
    ->Args({1000, 3})
    ->Args({10000, 3})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(step_the_forecaster)->Unit(benchmark::kMicrosecond);
BENCHMARK(forecast_a_bin)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
