// How fast the virtual world is: tasks and events per second of processor time, what a task costs
// on the wire, and the memory of the whole run. Everything runs as in `weir simulate`: streams,
// agents, codec, network, reports every 100 ms, the tally; nothing is recorded.
//
//   sim_bench [--policy P]... [--nodes N] [--tasks N] [--dispatchers N] [--load X] [--repeat N]
//   sim_bench --scale    the same nodes 625, 1250, ... 10,000 times, and 1000 tasks for each
//
// Each run is a process of its own, so that its memory is its own; of several, the fastest counts.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/base/error.hpp"
#include "tools/settings/scenario.hpp"
#include "tools/simulate/simulated_run.hpp"

namespace weir {
namespace {

// The node mix of `paper50`: two fifths, two fifths, one fifth.
constexpr int kMixSize = 5;
constexpr double kCapacityPerNode = 280;  // tasks/s: 14,000 for 50 nodes

struct Bench {
  std::vector<std::string> policies;
  int nodes = 50;
  double tasks = 1e6;
  int dispatchers = 8;
  double load = 0.87;
  int repeat = 3;
  bool scale = false;
};

struct Cost {
  double tasks = 0;
  double events = 0;
  double bytes = 0;
  double mean_ms = 0;
  double cpu_s = 0;
  double peak_mib = 0;
  std::uint64_t journal = 0;
};

double cpu_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

double peak_mib() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_maxrss) / 1024;
}

Settings settings_of(const Bench& bench, const std::string& policy) {
  const int fifth = bench.nodes / kMixSize;
  const double rate = bench.load * kCapacityPerNode * bench.nodes;
  const std::string types = "24x0.9*" + std::to_string(2 * fifth) + ",32x1*" +
                            std::to_string(2 * fifth) + ",44x1.2*" + std::to_string(fifth);
  return {{"emulate", "nodes=" + types + ";work_ms=114.286"},
          {"stream", "finance:poisson"},
          {"stream", "social:poisson"},
          {"stream", "iot:poisson"},
          {"rate", std::to_string(rate)},
          {"duration", std::to_string(bench.tasks / rate) + "s"},
          {"dispatchers", std::to_string(bench.dispatchers)},
          {"report-interval", "100ms"},
          {"policy", policy}};
}

Cost measure(const Bench& bench, const std::string& policy) {
  const SimulateOptions options = options_of(settings_of(bench, policy));
  const double before_s = cpu_s();
  SimulationCost world;
  const RunResult result = simulate(options, {}, &world);
  Cost cost{.cpu_s = cpu_s() - before_s, .peak_mib = peak_mib()};
  cost.tasks = static_cast<double>(result.tally.done());
  cost.events = static_cast<double>(world.events);
  cost.journal = world.journal;
  cost.mean_ms = to_milliseconds(result.tally.response().mean());
  for (const RankResult& rank : result.ranks) {
    cost.bytes += static_cast<double>(rank.transport.bytes_sent);
  }
  return cost;
}

Cost measure_in_a_process(const Bench& bench, const std::string& policy) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    Cost cost;
    try {
      cost = measure(bench, policy);
    } catch (const Error& error) {
      std::fprintf(stderr, "sim_bench: %s\n", error.what());
      _exit(2);
    }
    _exit(write(ends[1], &cost, sizeof cost) == static_cast<ssize_t>(sizeof cost) ? 0 : 1);
  }
  close(ends[1]);
  Cost cost;
  const ssize_t got = read(ends[0], &cost, sizeof cost);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (got != static_cast<ssize_t>(sizeof cost)) std::exit(2);
  return cost;
}

Cost fastest(const Bench& bench, const std::string& policy) {
  Cost best = measure_in_a_process(bench, policy);
  for (int i = 1; i < bench.repeat; ++i) {
    const Cost next = measure_in_a_process(bench, policy);
    if (next.journal != best.journal) throw std::runtime_error("two runs of one seed differ");
    if (next.cpu_s < best.cpu_s) best = next;
  }
  return best;
}

void print_policies(const Bench& bench) {
  std::printf("%d nodes, %d dispatchers, load %.2f, reports every 100 ms\n\n", bench.nodes,
              bench.dispatchers, bench.load);
  std::printf(
      "| policy | tasks | tasks/s | events/s | events/task | bytes/task | peak MiB | "
      "mean ms | journal |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const std::string& policy : bench.policies) {
    const Cost cost = fastest(bench, policy);
    std::printf("| %s | %.0f | %.0f | %.0f | %.2f | %.0f | %.1f | %.2f | %016lx |\n",
                policy.c_str(), cost.tasks, cost.tasks / cost.cpu_s, cost.events / cost.cpu_s,
                cost.events / cost.tasks, cost.bytes / cost.tasks, cost.peak_mib, cost.mean_ms,
                cost.journal);
    std::fflush(stdout);
  }
}

void print_scale(Bench bench) {
  constexpr double kTasksPerNode = 1000;
  constexpr int kLeastNodes = 625;
  constexpr int kMostNodes = 10'000;
  std::printf("%d dispatchers, load %.2f, reports every 100 ms, %.0f tasks per node\n\n",
              bench.dispatchers, bench.load, kTasksPerNode);
  for (const std::string& policy : bench.policies) {
    std::printf(
        "| %s, nodes | tasks | CPU s | growth | us/task | peak MiB | growth | mean ms |\n"
        "|---|---|---|---|---|---|---|---|\n",
        policy.c_str());
    Cost before;
    for (bench.nodes = kLeastNodes; bench.nodes <= kMostNodes; bench.nodes *= 2) {
      bench.tasks = kTasksPerNode * bench.nodes;
      const Cost cost = measure_in_a_process(bench, policy);
      const bool first = before.tasks == 0;
      std::printf("| %d | %.0f | %.2f | %.2f | %.3f | %.0f | %.2f | %.2f |\n", bench.nodes,
                  cost.tasks, cost.cpu_s, first ? 1 : cost.cpu_s / before.cpu_s,
                  1e6 * cost.cpu_s / cost.tasks, cost.peak_mib,
                  first ? 1 : cost.peak_mib / before.peak_mib, cost.mean_ms);
      std::fflush(stdout);
      before = cost;
    }
  }
}

Bench parse(int argc, char** argv) {
  Bench bench;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--scale") {
      bench.scale = true;
      continue;
    }
    if (i + 1 == argc) throw std::runtime_error("what is " + name + "? See sim_bench.cpp");
    const std::string value = argv[++i];
    if (name == "--policy")
      bench.policies.push_back(value);
    else if (name == "--nodes")
      bench.nodes = std::stoi(value);
    else if (name == "--tasks")
      bench.tasks = std::stod(value);
    else if (name == "--dispatchers")
      bench.dispatchers = std::stoi(value);
    else if (name == "--load")
      bench.load = std::stod(value);
    else if (name == "--repeat")
      bench.repeat = std::stoi(value);
    else
      throw std::runtime_error("what is " + name + "? See sim_bench.cpp");
  }
  if (bench.nodes < kMixSize || bench.nodes % kMixSize != 0 || !(bench.tasks >= 1)) {
    throw std::runtime_error("--nodes takes multiples of 5, --tasks a number above zero");
  }
  if (bench.policies.empty() && bench.scale) bench.policies = {"join_idle_queue"};
  if (bench.policies.empty()) {
    bench.policies = {"random", "round_robin", "power_of_two", "join_idle_queue",
                      "least_outstanding"};
  }
  return bench;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  try {
    const weir::Bench bench = weir::parse(argc, argv);
    if (bench.scale) {
      weir::print_scale(bench);
    } else {
      weir::print_policies(bench);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sim_bench: %s\n", error.what());
    return 2;
  }
}
