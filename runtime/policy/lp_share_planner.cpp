#include "runtime/policy/lp_share_planner.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/bounds/capacity.hpp"

namespace weir {
namespace {

// However long its queue is, a node keeps some new tasks: else its rates are no longer measured.
constexpr double kLeastFreeShare = 0.05;
// Whoever works off a backlog faster than he hears of the effect swings.
constexpr double kLeastDrainIntervals = 2.5;
// Room that is left in the program above the load that it has to carry.
constexpr double kMargin = 1.01;

// The cluster as a problem: a group is a node type, a class's work is its time there.
template <typename Groups, typename Rates>
CapacityProblem problem_of(const Groups& groups, const Rates& rate_per_s, std::size_t class_count) {
  CapacityProblem problem;
  problem.slow_down.resize(class_count);
  for (std::size_t i = 0; i < class_count; ++i) {
    problem.classes.push_back({.share = rate_per_s[i], .mean_work_s = 1});
    for (const auto& group : groups) problem.slow_down[i].push_back(group.service_s[i]);
  }
  for (const auto& group : groups) problem.types.push_back({.cores = group.free_cores});
  return problem;
}

ClassShares best_shares(CapacityProblem problem, double rate_per_s, double most_busy) {
  const CapacityBound bound = capacity_bound(problem);
  const double busy = rate_per_s / bound.rate_per_s;
  if (busy * kMargin >= 1) return bound.shares;
  for (auto& type : problem.types) type.cores *= std::max(most_busy, busy * kMargin);
  auto filling = least_busy(problem, rate_per_s);
  return filling ? std::move(filling->shares) : bound.shares;
}

}  // namespace

std::optional<Directive> LpSharePlanner::plan(std::span<const NodeReport> reports, Instant now) {
  if (!measure_arrivals(reports, now)) return std::nullopt;
  std::vector<Node> nodes = nodes_of(reports);
  const double total_rate = std::accumulate(rate_per_s_.begin(), rate_per_s_.end(), 0.0);
  if (nodes.empty() || total_rate <= 0) return std::nullopt;
  const std::vector<Group> groups = group(nodes);
  const ClassShares shares =
      best_shares(problem_of(groups, rate_per_s_, class_count_), total_rate, options_.most_busy);

  Directive directive;
  directive.weights.resize(class_count_);
  for (std::size_t i = 0; i < class_count_; ++i) {
    if (rate_per_s_[i] <= 0) continue;
    auto& weights = directive.weights[i];
    weights.assign(reports.size(), 0);
    for (const Node& node : nodes) {
      weights[node.rank] = static_cast<float>(shares[i][node.group] * node.free_cores /
                                              groups[node.group].free_cores);
    }
  }
  return directive;
}

// False while no rate is known.
bool LpSharePlanner::measure_arrivals(std::span<const NodeReport> reports, Instant now) {
  PerClass arrived{};
  for (const NodeReport& report : reports) {
    class_count_ = std::max(class_count_, report.classes.size());
    for (std::size_t i = 0; i < report.classes.size(); ++i) {
      arrived[i] += static_cast<double>(report.classes[i].arrived);
    }
  }
  const double elapsed_s = to_seconds(now - last_plan_);
  if (plan_count_ > 0 && elapsed_s <= 0) return plan_count_ > 1;
  if (plan_count_ > 0) {
    const double forgets = 1 - std::exp(-elapsed_s / to_seconds(options_.memory));
    const double gain = std::max(forgets, 1.0 / plan_count_);
    for (std::size_t i = 0; i < class_count_; ++i) {
      rate_per_s_[i] += gain * ((arrived[i] - arrived_[i]) / elapsed_s - rate_per_s_[i]);
    }
  }
  arrived_ = arrived;
  interval_s_ = elapsed_s;
  last_plan_ = now;
  return ++plan_count_ > 1;
}

std::vector<LpSharePlanner::Node> LpSharePlanner::nodes_of(
    std::span<const NodeReport> reports) const {
  // What a task of each class takes on a core of speed 1, for nodes that have not seen the class.
  PerClass work_s{}, knowing{};
  for (const NodeReport& report : reports) {
    for (std::size_t i = 0; i < report.classes.size(); ++i) {
      const double service = report.classes[i].mean_service_s;
      if (service <= 0) continue;
      work_s[i] += service * report.speed;
      ++knowing[i];
    }
  }
  const double drain_s = std::max(to_seconds(options_.drain), kLeastDrainIntervals * interval_s_);
  std::vector<Node> nodes;
  for (std::size_t rank = 0; rank < reports.size(); ++rank) {
    const NodeReport& report = reports[rank];
    if (report.sequence == 0 || report.worker_count == 0 || report.speed <= 0) continue;
    Node node{
        .rank = rank, .cores = static_cast<double>(report.worker_count), .speed = report.speed};
    double backlog_s = 0;
    for (std::size_t i = 0; i < class_count_; ++i) {
      const ClassLoad load = i < report.classes.size() ? report.classes[i] : ClassLoad{};
      node.service_s[i] = load.mean_service_s > 0 ? load.mean_service_s
                          : knowing[i] > 0        ? work_s[i] / knowing[i] / report.speed
                                                  : 1 / report.speed;
      backlog_s += load.queued * node.service_s[i];
    }
    const double free_share = 1 - backlog_s / (node.cores * drain_s);
    node.free_cores = node.cores * std::max(kLeastFreeShare, free_share);
    nodes.push_back(node);
  }
  return nodes;
}

std::vector<LpSharePlanner::Group> LpSharePlanner::group(std::vector<Node>& nodes) const {
  double factor = 1 + options_.alike;
  std::vector<Group> groups = group_within(nodes, factor, true);
  while (groups.empty()) {
    factor *= 1 + options_.alike;
    groups = group_within(nodes, factor, false);
  }
  return groups;
}

// Each node joins the first group that is alike, else it begins one. None where they are too many.
std::vector<LpSharePlanner::Group> LpSharePlanner::group_within(std::vector<Node>& nodes,
                                                                double factor,
                                                                bool by_speed) const {
  std::vector<Group> groups;
  const auto is_alike = [&](const Node& node, const Group& group) {
    if (by_speed && node.speed != group.speed) return false;
    for (std::size_t i = 0; i < class_count_; ++i) {
      const double ratio = node.service_s[i] / group.service_s[i];
      if (ratio > factor || ratio < 1 / factor) return false;
    }
    return true;
  };
  for (Node& node : nodes) {
    auto home =
        std::ranges::find_if(groups, [&](const Group& group) { return is_alike(node, group); });
    if (home == groups.end()) {
      if (groups.size() == options_.max_groups) return {};
      home = groups.insert(groups.end(), Group{.speed = node.speed});
    }
    node.group = static_cast<std::size_t>(home - groups.begin());
    home->cores += node.cores;
    home->free_cores += node.free_cores;
    for (std::size_t i = 0; i < class_count_; ++i) {
      home->service_s[i] += node.cores / home->cores * (node.service_s[i] - home->service_s[i]);
    }
  }
  return groups;
}

}  // namespace weir
