// What a decision costs: the scorer of a task's candidates, and the Q-networks of the levels.

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "ml/inference/dense_network.hpp"
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

BENCHMARK(score_candidates)->Arg(1)->Arg(4)->Arg(16);
BENCHMARK(decide_for_one_node);
BENCHMARK(decide_for_a_set)
    ->Args({4, 3})
    ->Args({64, 1})
    ->Args({64, 3})
    ->Args({1000, 3})
    ->Args({10000, 3})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
