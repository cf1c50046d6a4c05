#include "runtime/policy/static_policy.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "runtime/base/check.hpp"

namespace weir {

namespace {

// frac(1/2 + p (sqrt 5 - 1)/2), in 64-bit fixed point so that it stays exact for any p.
double shift_of_period(std::uint64_t period) {
  constexpr std::uint64_t kGoldenRatio = 0x9E3779B97F4A7C15;
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;
  return static_cast<double>((kHalf + period * kGoldenRatio) >> 11) * 0x1p-53;
}

}  // namespace

RankId StaticPolicy::place(const TaskView& task, const ClusterView& cluster) {
  double total = 0;
  double cores = 0;
  for (const NodeView& node : cluster.nodes) {
    if (capacity(node) <= 0) continue;
    total += capacity(node);
    cores += node.cores;
  }
  WEIR_CHECK(total > 0, "no node with capacity to choose from");

  const auto period_tasks = static_cast<std::uint64_t>(std::max(1.0, std::round(cores)));
  const std::uint64_t period = index_of(task.id) / period_tasks;
  const auto position = static_cast<double>(index_of(task.id) % period_tasks);
  double rest = (position + shift_of_period(period)) * total / static_cast<double>(period_tasks);

  RankId last = kNoRank;
  for (const NodeView& node : cluster.nodes) {
    if (capacity(node) <= 0) continue;
    last = node.rank;
    rest -= capacity(node);
    if (rest < 0) break;
  }
  return last;
}

}  // namespace weir
