#include "tools/result/run_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tools/load/workload.hpp"

namespace weir {

namespace {

// The most that a type is ever faster than its speed says: a bound must hold at all times.
double fastest_step(const EmulationSpec& nodes, std::size_t type) {
  double most = 1;
  for (const SpeedStep& step : nodes.speed_steps) {
    if (step.type == type) most = std::max(most, step.factor);
  }
  return most;
}

}  // namespace

std::vector<double> class_rates_of(const Workload& work) {
  std::vector<double> rates(kernel_class_names().size());
  for (const NumberedStream& stream : work.streams) {
    rates[stream.task_class.value()] += stream.stream->mean_rate_per_s();
  }
  return rates;
}

CapacityProblem capacity_problem(const EmulationSpec& nodes, std::span<const int> ranks,
                                 std::span<const double> class_rates) {
  CapacityProblem problem;
  const std::size_t class_count = class_rates.size();
  for (const double rate : class_rates) {
    problem.classes.push_back({.share = rate, .mean_work_s = nodes.mean_work_s});
  }
  for (std::size_t j = 0; j < nodes.types.size(); ++j) {
    const EmulatedNodeType& type = nodes.types[j];
    problem.types.push_back({.count = 0,
                             .cores = static_cast<double>(type.cores),
                             .speed = type.speed * fastest_step(nodes, j)});
    if (nodes.drift.speed >= 1) continue;
    const double cycle_s = nodes.drift.mean_good_s + nodes.drift.mean_slow_s;
    problem.types.back().good_share = nodes.drift.mean_good_s / cycle_s;
    problem.types.back().slow_factor = nodes.drift.speed;
  }
  for (const int rank : ranks) ++problem.types[nodes.type_of(rank)].count;
  problem.slow_down.resize(class_count);
  for (std::size_t i = 0; i < class_count; ++i) {
    const ClassId task_class(static_cast<std::uint8_t>(i));
    problem.classes[i].memory_hungry = nodes.interference.hungry[i];
    for (std::size_t j = 0; j < nodes.types.size(); ++j) {
      problem.slow_down[i].push_back(nodes.slow_down(task_class, j));
    }
  }
  problem.interference = {.beta = nodes.interference.beta,
                          .harmless_share = nodes.interference.share};
  return problem;
}

RunBounds bounds_of(const EmulationSpec& nodes, std::span<const int> ranks,
                    std::span<const double> class_rates) {
  const CapacityProblem problem = capacity_problem(nodes, ranks, class_rates);
  RunBounds bounds{.capacity_per_s = capacity_bound(problem).rate_per_s};
  const double rate_per_s = std::accumulate(class_rates.begin(), class_rates.end(), 0.0);
  if (rate_per_s > 0) bounds.mean_floor_s = response_floor(problem, rate_per_s);
  return bounds;
}

std::string overload_warning(double offered_rate_per_s, const RunBounds& bounds) {
  if (offered_rate_per_s <= bounds.capacity_per_s) return {};
  const auto whole = [](double rate) { return std::to_string(std::llround(rate)); };
  return "the scenario is unstable: " + whole(offered_rate_per_s) +
         " tasks/s are offered, and no rule completes more than " + whole(bounds.capacity_per_s) +
         "; queues and response times grow as long as it lasts";
}

}  // namespace weir
