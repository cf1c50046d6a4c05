// What a decision costs: the network that corrects the services of a task's candidates, the
// Q-networks of the levels, and a step of the forecaster.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ml/inference/dense_network.hpp"
#include "ml/inference/learned_planner.hpp"
#include "ml/inference/learned_policy.hpp"
#include "ml/inference/lstm_forecaster.hpp"
#include "ml/inference/node_set_network.hpp"
#include "ml/inference/service_estimator.hpp"
#include "runtime/base/random.hpp"
#include "runtime/policy/price_planner.hpp"

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

// The network alone.
void correct_candidates(benchmark::State& state) {
  Random random(1);
  const auto candidates = static_cast<std::size_t>(state.range(0));
  ServiceEstimator estimator = service_estimator_of("");
  std::vector<ServiceFeatures> features(candidates);
  for (ServiceFeatures& each : features) {
    std::ranges::copy(random_numbers(kServiceFeatures, 0.3, random), each.begin());
  }
  std::vector<float> corrections(candidates);
  for (auto _ : state) {
    estimator.evaluate(features, corrections);
    benchmark::DoNotOptimize(corrections.data());
  }
}

// Nodes that have told of all they run, at four fifths of their cores.
std::vector<NodeView> busy_nodes(std::size_t count, Random& random) {
  std::vector<NodeView> nodes(count);
  for (std::size_t i = 0; i < count; ++i) {
    NodeView& node = nodes[i];
    node.rank = RankId(static_cast<std::int32_t>(i));
    node.cores = 32;
    node.running = 22 + static_cast<std::uint32_t>(random.below(8));
    node.report_age = std::chrono::milliseconds(random.below(100));
    node.own_in_flight = 3;
    for (double& told_s : node.mean_service_s) told_s = 0.1 * (0.9 + 0.2 * random.uniform());
  }
  return nodes;
}

// A whole placement, the rule's passes over all nodes included.
void place_among(benchmark::State& state, Policy& policy) {
  Random random(1);
  const std::vector<NodeView> nodes = busy_nodes(static_cast<std::size_t>(state.range(0)), random);
  std::uint64_t id = 0;
  for (auto _ : state) {
    const Instant now(std::chrono::microseconds(800 * static_cast<std::int64_t>(++id)));
    const TaskView task{.id = TaskId(id), .task_class = ClassId(static_cast<std::uint8_t>(id % 3))};
    const RankId node =
        policy.place(task, {.nodes = nodes, .self = RankId(0), .dispatcher_count = 8, .now = now});
    policy.on_completion(task.id, node, task.task_class, std::chrono::milliseconds(100),
                         std::chrono::milliseconds(100));
  }
}

void place_by_rule(benchmark::State& state) {
  PricedShortestExpectedDelayPolicy policy({.price = 0});
  place_among(state, policy);
}

void place_by_network(benchmark::State& state) {
  LearnedPolicy policy({}, service_estimator_of(""));
  place_among(state, policy);
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

NodeSetNetwork random_price_network(Random& random) {
  const NodeSetShape shape = PriceFeatures::shape();
  WeightFile weights{.kind = NodeSetNetwork::kKind};
  random_network(node_network_sizes(shape), random).store(weights, "node");
  random_network(head_network_sizes(shape), random).store(weights, "head");
  random_network(set_network_sizes(shape), random).store(weights, "set");
  return NodeSetNetwork(shape, weights, "random weights");
}

// The network of log-prices alone. Nodes, classes.
void decide_for_a_set(benchmark::State& state) {
  Random random(1);
  const auto nodes = static_cast<std::size_t>(state.range(0));
  const auto classes = static_cast<std::size_t>(state.range(1));
  const NodeSetShape shape = PriceFeatures::shape();
  NodeSetNetwork network = random_price_network(random);
  const auto node_features = random_numbers(nodes * shape.node_features, 1, random);
  const auto class_features = random_numbers(nodes * classes * shape.class_features, 1, random);
  const auto context = random_numbers(shape.context_features, 1, random);
  const ActionBranches branches = branches_of(shape, nodes, classes);
  for (auto _ : state) {
    const auto values = network.evaluate({node_features, class_features, context});
    benchmark::DoNotOptimize(greedy_actions(branches, values, {}));
  }
}

std::vector<NodeReport> reports_of(std::size_t nodes, std::size_t classes, Random& random) {
  std::vector<NodeReport> reports(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    reports[i].node = RankId(static_cast<std::int32_t>(i));
    reports[i].worker_count = 32;
    reports[i].classes.resize(classes);
    for (ClassLoad& load : reports[i].classes) {
      load.running = static_cast<std::uint32_t>(random.below(10));
      load.mean_service_s = 0.08 + 0.04 * random.uniform();
    }
  }
  return reports;
}

// A whole plan of a coordinator: what it sees in reports, the network, the log-prices that come of
// it, and the rule's plan beside them or, without a network, alone. Nodes, classes.
void plan_a_cluster(benchmark::State& state, bool by_network) {
  Random random(1);
  std::vector<NodeReport> reports = reports_of(static_cast<std::size_t>(state.range(0)),
                                               static_cast<std::size_t>(state.range(1)), random);
  std::unique_ptr<Planner> planner = std::make_unique<PricePlanner>(PricePlannerOptions{});
  if (by_network) {
    planner = std::make_unique<LearnedPlanner>(std::move(planner), random_price_network(random));
  }
  Instant now(std::chrono::seconds(1));
  for (auto _ : state) {
    now += std::chrono::milliseconds(100);
    for (NodeReport& report : reports) {
      ++report.sequence;
      report.made = now - std::chrono::milliseconds(50);
      for (ClassLoad& load : report.classes) load.arrived += 10;
    }
    benchmark::DoNotOptimize(planner->plan(reports, now));
  }
}

void plan_by_rule(benchmark::State& state) { plan_a_cluster(state, false); }
void plan_by_network(benchmark::State& state) { plan_a_cluster(state, true); }

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

BENCHMARK(correct_candidates)->Arg(1)->Arg(4)->Arg(16);
BENCHMARK(place_by_rule)->Arg(16)->Arg(64)->Arg(1000);
BENCHMARK(place_by_network)->Arg(16)->Arg(64)->Arg(1000);
BENCHMARK(decide_for_one_node);
BENCHMARK(decide_for_a_set)
    ->Args({4, 3})
    ->Args({64, 1})
    ->Args({64, 3})
    ->Args({1000, 3})
    ->Args({10000, 3})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(plan_by_rule)->Args({10, 3})->Args({64, 3})->Unit(benchmark::kMicrosecond);
BENCHMARK(plan_by_network)->Args({10, 3})->Args({64, 3})->Unit(benchmark::kMicrosecond);
BENCHMARK(step_the_forecaster)->Unit(benchmark::kMicrosecond);
BENCHMARK(forecast_a_bin)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
