// What learning costs: an update of the Q-network of a set of nodes, a decision while learning, and
// saving.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "ml/training/control/dqn.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr std::size_t kClasses = 3;

// Shows nodes at random, and pays the same for whatever is done.
class RandomNodes final : public Environment {
 public:
  explicit RandomNodes(std::size_t nodes) : nodes_(nodes) {}

  static NodeSetShape shape() {
    return {.class_features = 4, .context_features = 48, .set_branches = {3}};
  }
  Observation reset(const Episode&) override {
    return {.nodes = numbers(nodes_ * shape().node_features),
            .classes = numbers(nodes_ * kClasses * shape().class_features),
            .context = numbers(shape().context_features),
            .rule_actions = Actions(nodes_ * kClasses + 1, 1)};
  }
  Step step(const Actions&) override { return {.reward = 1, .observation = reset({})}; }

 private:
  std::vector<float> numbers(std::size_t count) {
    std::vector<float> all(count);
    for (float& number : all) number = static_cast<float>(random_.normal());
    return all;
  }
  std::size_t nodes_;
  Random random_{1};
};

std::unique_ptr<Dqn> learner(std::size_t nodes, DqnOptions options) {
  std::vector<std::unique_ptr<Environment>> environments;
  environments.push_back(std::make_unique<RandomNodes>(nodes));
  options.replay.capacity = 1000;
  auto dqn = std::make_unique<Dqn>(RandomNodes::shape(), options, std::move(environments),
                                   Curriculum({"random"}));
  dqn->imitate(1000, 0);
  return dqn;
}

// Nodes, transitions of a batch, quantiles.
void update(benchmark::State& state) {
  DqnOptions options;
  options.batch = static_cast<std::size_t>(state.range(1));
  options.quantiles = state.range(2);
  const auto dqn = learner(static_cast<std::size_t>(state.range(0)), options);
  for (auto _ : state) dqn->imitate(0, 1);
}

void decide(benchmark::State& state) {
  const auto nodes = static_cast<std::size_t>(state.range(0));
  const auto dqn = learner(nodes, {});
  const Observation seen = RandomNodes(nodes).reset({});
  for (auto _ : state) benchmark::DoNotOptimize(dqn->decide(seen));
}

// A thousand transitions and the network.
void save(benchmark::State& state) {
  const auto dqn = learner(static_cast<std::size_t>(state.range(0)), {});
  const auto path = std::filesystem::temp_directory_path() / "weir_training_bench.h5";
  for (auto _ : state) dqn->save(path);
  state.counters["bytes"] = static_cast<double>(std::filesystem::file_size(path));
  std::filesystem::remove(path);
}

BENCHMARK(update)
    ->Args({10, 64, 1})
    ->Args({10, 64, 32})
    ->Args({10, 256, 1})
    ->Args({50, 64, 1})
    ->Args({50, 64, 32})
    ->Args({50, 256, 1})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(decide)->Arg(10)->Arg(50)->Unit(benchmark::kMicrosecond);
BENCHMARK(save)->Arg(50)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
