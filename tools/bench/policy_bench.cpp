// Decisions per second of every policy at 4, 50 and 1000 nodes, in the state in which each is
// slowest to decide: counts and measured rates at every node, no idle tokens.

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/catalogue/policy_registry.hpp"
#include "runtime/policy/lp_share_planner.hpp"

namespace weir {
namespace {

constexpr double kDispatchers = 8;

std::vector<NodeView> busy_nodes(std::size_t count) {
  constexpr std::array kCores{24.0, 32.0, 44.0};
  constexpr std::array kSpeeds{0.9, 1.0, 1.2};
  Random random(1);
  std::vector<NodeView> nodes(count);
  for (std::size_t i = 0; i < count; ++i) {
    NodeView& node = nodes[i];
    node.rank = RankId(static_cast<std::int32_t>(i));
    node.cores = kCores[i % 3];
    node.speed = kSpeeds[i % 3];
    node.running = static_cast<std::uint32_t>(random.below(25));
    node.own_in_flight = static_cast<std::uint32_t>(random.below(6));
    node.own_since_report = node.own_in_flight / 2;
    for (int c = 0; c < 3; ++c) node.mean_service_s[c] = (0.05 + random.uniform()) / node.speed;
  }
  return nodes;
}

// Own counts move as they do in a run, so that choices differ; each task ends 64 placements later.
void place_tasks(benchmark::State& state, const std::string& name) {
  std::vector<NodeView> nodes = busy_nodes(static_cast<std::size_t>(state.range(0)));
  const ClusterView cluster{.nodes = nodes, .self = RankId(0), .dispatcher_count = kDispatchers};
  const std::unique_ptr<Policy> policy =
      make_policy(name, {.home = RankId(0), .dispatcher_count = kDispatchers});
  std::array<std::size_t, 64> placed{};
  for (std::size_t i = 0; i < placed.size(); ++i) {
    placed[i] = i % nodes.size();
    ++nodes[placed[i]].own_in_flight;
  }

  std::uint64_t index = 0;
  for (auto _ : state) {
    TaskView task;
    task.id = make_task_id(StreamId(0), index);
    task.task_class = ClassId(static_cast<std::uint8_t>(index % 3));
    const auto node = static_cast<std::size_t>(policy->place(task, cluster).value());
    std::size_t& oldest = placed[index++ % placed.size()];
    --nodes[oldest].own_in_flight;
    ++nodes[node].own_in_flight;
    oldest = node;
  }
  state.SetItemsProcessed(state.iterations());
}

// Every node reports other service times for every class: no two are alike.
void plan_shares(benchmark::State& state) {
  Random random(1);
  std::vector<NodeReport> reports(static_cast<std::size_t>(state.range(0)));
  for (std::size_t i = 0; i < reports.size(); ++i) {
    reports[i].node = RankId(static_cast<std::int32_t>(i));
    reports[i].sequence = 1;
    reports[i].worker_count = 32;
    reports[i].speed = 0.5 + random.uniform();
    reports[i].classes.resize(kMaxClasses);
    for (ClassLoad& load : reports[i].classes) load.mean_service_s = 0.02 + random.uniform();
  }
  LpSharePlanner planner({});
  Instant now{};
  for (auto _ : state) {
    now += std::chrono::milliseconds(100);
    for (NodeReport& report : reports) {
      for (ClassLoad& load : report.classes) load.arrived += 1 + random.below(3);
    }
    benchmark::DoNotOptimize(planner.plan(reports, now));
  }
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  for (const weir::PolicyInfo& info : weir::policy_catalogue()) {
    const std::string name(info.name);
    benchmark::RegisterBenchmark(name.c_str(), weir::place_tasks, name)->Arg(4)->Arg(50)->Arg(1000);
  }
  benchmark::RegisterBenchmark("plan of lp_shares", weir::plan_shares)
      ->Arg(50)
      ->Arg(64)
      ->Arg(1000)
      ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
