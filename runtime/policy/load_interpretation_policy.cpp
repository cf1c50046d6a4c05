#include "runtime/policy/load_interpretation_policy.hpp"

#include <algorithm>

namespace weir {
namespace {

// A look at each report would cost n log n for every one of n reports.
constexpr std::size_t kLooksPerRound = 16;

// What was there when the report was made. A home that is alone knows it without reports.
double tasks_known(const NodeView& node, double dispatcher_count) {
  if (dispatcher_count <= 1) return node.own_in_flight;
  return static_cast<double>(node.queued) + static_cast<double>(node.running);
}

// Arrivals per second, in balance; zero where no class has been measured.
double throughput_of(const NodeView& node) {
  double service_s = 0;
  int classes = 0;
  for (const double mean : node.mean_service_s) {
    service_s += mean;
    classes += mean > 0 ? 1 : 0;
  }
  return classes > 0 ? node.running * classes / service_s : 0;
}

}  // namespace

LoadInterpretationPolicy::LoadInterpretationPolicy(LoadInterpretationOptions options, Random random)
    : options_(options), random_(random) {}

RankId LoadInterpretationPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  const bool is_due = ++changes_ * kLooksPerRound >= cluster.nodes.size();
  const bool is_alone = cluster.dispatcher_count <= 1;
  if (is_due || is_alone || draw_.size() != cluster.nodes.size()) interpret(cluster);
  std::size_t drawn = draw_.draw(random_);
  if (capacity(cluster.nodes[drawn]) <= 0) {  // It was lost since the last look.
    interpret(cluster);
    drawn = draw_.draw(random_);
  }
  return cluster.nodes[drawn].rank;
}

void LoadInterpretationPolicy::interpret(const ClusterView& cluster) {
  changes_ = 0;
  const bool is_alone = cluster.dispatcher_count <= 1;
  const auto height = [&](const NodeView& node) {
    return tasks_known(node, cluster.dispatcher_count) / capacity(node);
  };
  filling_.clear();
  double placed_since = cluster.dispatcher_count;  // This task, and one of every other home.
  for (const NodeView& node : cluster.nodes) {
    placed_since += throughput_of(node) * to_seconds(node.report_age);
    if (capacity(node) > 0) filling_.add(height(node), capacity(node));
  }
  const double level = filling_.level(is_alone ? 1 : options_.discount * placed_since);

  draw_.clear();
  for (const NodeView& node : cluster.nodes) {
    const double rate = capacity(node);
    draw_.add(rate > 0 ? std::max(0.0, level - height(node)) * rate : 0);
  }
}

}  // namespace weir
