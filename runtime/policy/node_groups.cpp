#include "runtime/policy/node_groups.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace weir {
namespace {

// However long its queue is, a node keeps some new tasks: else its rates are no longer measured.
constexpr double kLeastFreeShare = 0.05;
// Whoever works off a backlog faster than he hears of the effect swings.
constexpr double kLeastDrainIntervals = 2.5;
constexpr double kUnlimited = std::numeric_limits<double>::infinity();

}  // namespace

bool NodeGroups::update(std::span<const NodeReport> reports, Instant now) {
  if (!measure_arrivals(reports, now)) return false;
  look_ahead(now);
  measure_nodes(reports);
  total_rate_per_s_ = std::accumulate(rate_per_s_.begin(), rate_per_s_.end(), 0.0);
  if (nodes_.empty() || total_rate_per_s_ <= 0) return false;
  form_groups();
  return true;
}

CapacityProblem NodeGroups::problem() const {
  CapacityProblem problem;
  problem.slow_down.resize(class_count_);
  for (std::size_t i = 0; i < class_count_; ++i) {
    problem.classes.push_back({.share = rate_per_s_[i], .mean_work_s = 1});
    for (const Group& group : groups_) problem.slow_down[i].push_back(group.service_s[i]);
  }
  for (const Group& group : groups_) {
    auto& type = problem.types.emplace_back();
    type.cores = group.free_cores;
    for (const double limit : group.limits) {
      type.class_limits.push_back(limit < group.cores ? limit : kUnlimited);
    }
  }
  return problem;
}

std::vector<std::vector<float>> NodeGroups::weights(const ClassShares& shares,
                                                    std::size_t report_count) const {
  std::vector<std::vector<float>> weights(class_count_);
  for (std::size_t i = 0; i < class_count_; ++i) {
    if (rate_per_s_[i] <= 0) continue;
    weights[i].assign(report_count, 0);
    for (const Node& node : nodes_) {
      weights[i][node.rank] = static_cast<float>(shares[i][node.group] * node.free_cores /
                                                 groups_[node.group].free_cores);
    }
  }
  return weights;
}

// False while no rate is known.
bool NodeGroups::measure_arrivals(std::span<const NodeReport> reports, Instant now) {
  PerClass arrived{};
  for (const NodeReport& report : reports) {
    class_count_ = std::max(class_count_, report.classes.size());
    for (std::size_t i = 0; i < report.classes.size(); ++i) {
      arrived[i] += static_cast<double>(report.classes[i].arrived);
    }
  }
  const double elapsed_s = to_seconds(now - last_update_);
  if (update_count_ > 0 && elapsed_s <= 0) return update_count_ > 1;
  if (update_count_ > 0) {
    const double forgets = 1 - std::exp(-elapsed_s / to_seconds(options_.memory));
    const double gain = std::max(forgets, 1.0 / update_count_);
    for (std::size_t i = 0; i < class_count_; ++i) {
      measured_per_s_[i] += gain * ((arrived[i] - arrived_[i]) / elapsed_s - measured_per_s_[i]);
    }
  }
  arrived_ = arrived;
  interval_s_ = elapsed_s;
  last_update_ = now;
  return ++update_count_ > 1;
}

void NodeGroups::look_ahead(Instant now) {
  rate_per_s_ = measured_per_s_;
  if (outlook_ == nullptr) return;
  outlook_->foretell(std::span(arrived_).first(class_count_), now,
                     std::span(rate_per_s_).first(class_count_));
}

void NodeGroups::measure_nodes(std::span<const NodeReport> reports) {
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
  nodes_.clear();
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
      node.limits[i] = load.limit > 0 ? std::min<double>(load.limit, node.cores) : node.cores;
      backlog_s += load.queued * node.service_s[i];
    }
    const double free_share = 1 - backlog_s / (node.cores * drain_s);
    node.free_cores = node.cores * std::max(kLeastFreeShare, free_share);
    nodes_.push_back(node);
  }
}

void NodeGroups::form_groups() {
  double factor = 1 + options_.alike;
  groups_ = groups_within(factor, true);
  while (groups_.empty()) {
    factor *= 1 + options_.alike;
    groups_ = groups_within(factor, false);
  }
}

// Each node joins the first group that is alike, else it begins one. None where they are too many.
std::vector<NodeGroups::Group> NodeGroups::groups_within(double factor, bool by_speed) {
  std::vector<Group> groups;
  const auto is_alike = [&](const Node& node, const Group& group) {
    if (by_speed && node.speed != group.speed) return false;
    for (std::size_t i = 0; i < class_count_; ++i) {
      const double ratio = node.service_s[i] / group.service_s[i];
      if (ratio > factor || ratio < 1 / factor) return false;
    }
    return true;
  };
  for (Node& node : nodes_) {
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
      home->limits[i] += node.limits[i];
      home->service_s[i] += node.cores / home->cores * (node.service_s[i] - home->service_s[i]);
    }
  }
  return groups;
}

}  // namespace weir
