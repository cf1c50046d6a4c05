// What a coordinator costs: one interval of it, in which all its children report, it asks its
// planner, and it tells the homes among them and the coordinator above. No coordinator has more
// children than 64, however many nodes a job has.

#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>

#include "runtime/base/random.hpp"
#include "runtime/control/coordinator.hpp"
#include "runtime/control/immediate_advisor.hpp"
#include "runtime/policy/price_planner.hpp"

namespace weir {
namespace {

constexpr int kClasses = 3;
constexpr auto kInterval = std::chrono::milliseconds(100);

NodeReport report_of(int node, std::uint32_t sequence, Random& random) {
  NodeReport report;
  report.node = RankId(node);
  report.sequence = sequence;
  report.worker_count = 32;
  report.speed = node % 2 == 0 ? 1 : 1.2;
  report.classes.resize(kClasses);
  for (ClassLoad& load : report.classes) {
    load.running = static_cast<std::uint32_t>(random.below(10));
    load.arrived = sequence * (8 + random.below(3));
    load.mean_service_s = 0.08 + 0.04 * random.uniform();
  }
  return report;
}

void interval_of_a_cluster(benchmark::State& state) {
  CoordinatorRole role{.level = 1, .rank = RankId(0), .parent = RankId(64), .children = {}};
  for (int i = 0; i < state.range(0); ++i) role.children.emplace_back(i);
  ImmediateAdvisor advisor(std::make_unique<PricePlanner>(PricePlannerOptions{}));
  Coordinator coordinator(role,
                          {.interval = kInterval,
                           .advice_interval = kInterval,
                           .node_count = 10'000,
                           .dispatcher_count = static_cast<int>(state.range(1))},
                          &advisor);
  Random random(1);
  Coordinator::Out out;
  Instant now(std::chrono::seconds(1));
  std::uint32_t sequence = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<NodeReport> reports;
    ++sequence;
    for (int i = 0; i < state.range(0); ++i) reports.push_back(report_of(i, sequence, random));
    out.clear();
    now += kInterval;
    state.ResumeTiming();
    for (NodeReport& report : reports) coordinator.on(report, report.node, now, out);
    coordinator.ask_advisor(now);
    coordinator.hand_out_advice(now, out);
    coordinator.tell(now, out);
    benchmark::DoNotOptimize(out.size());
  }
}

BENCHMARK(interval_of_a_cluster)
    ->ArgNames({"nodes", "homes"})
    ->Args({10, 8})
    ->Args({64, 8})
    ->Args({64, 64})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
