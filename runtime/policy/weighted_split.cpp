#include "runtime/policy/weighted_split.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Half of the placements remembered are the last 700.
constexpr double kForget = 0.999;
constexpr double kLeastSplitLoad = 0.05;

}  // namespace

bool WeightedSplit::count(ClassId task_class, const ClusterView& cluster) {
  for (double& placements : placements_) placements *= kForget;
  ++placements_[task_class.value()];
  const std::size_t classes = std::max<std::size_t>(class_count_, task_class.value() + 1);
  if (classes == class_count_ && node_count_ == cluster.nodes.size()) return false;
  class_count_ = classes;
  node_count_ = cluster.nodes.size();
  capacities_.resize(node_count_);
  cores_.resize(node_count_);
  busy_cores_.resize(node_count_);
  arrivals_at_.resize(node_count_);
  shares_.resize(node_count_);
  services_s_.resize(weight_count());
  draws_.resize(class_count_);
  return true;
}

void WeightedSplit::measure(const ClusterView& cluster, double load) {
  double capacity_of_all = 0;
  for (std::size_t i = 0; i < node_count_; ++i) {
    capacities_[i] = capacity(cluster.nodes[i]);
    cores_[i] = cluster.nodes[i].cores;
    capacity_of_all += capacities_[i];
  }
  const double placed = std::accumulate(placements_.begin(), placements_.end(), 0.0);
  double work_per_task = 0;
  for (std::size_t k = 0; k < class_count_; ++k) {
    const ClassId task_class(static_cast<std::uint8_t>(k));
    const double work = mean_work_s(cluster, task_class);
    work_per_task += placements_[k] / placed * work;
    for (std::size_t i = 0; i < node_count_; ++i) {
      services_s_[k * node_count_ + i] =
          capacities_[i] > 0 ? expected_service_s(cluster.nodes[i], task_class, work) : 0;
    }
  }
  const double arrivals = std::max(load, kLeastSplitLoad) * capacity_of_all / work_per_task;
  for (std::size_t k = 0; k < class_count_; ++k) {
    arrivals_per_s_[k] = arrivals * placements_[k] / placed;
  }
}

double WeightedSplit::weight(std::size_t node, double log_weight) const {
  return capacities_[node] > 0 ? capacities_[node] * std::exp(log_weight) : 0;
}

double WeightedSplit::cost(std::span<const double> log_weights) {
  std::ranges::fill(busy_cores_, 0);
  std::ranges::fill(arrivals_at_, 0);
  double arrivals = 0;
  for (std::size_t k = 0; k < class_count_; ++k) {
    double total = 0;
    for (std::size_t i = 0; i < node_count_; ++i) {
      total += shares_[i] = weight(i, log_weights[k * node_count_ + i]);
    }
    arrivals += arrivals_per_s_[k];
    for (std::size_t i = 0; i < node_count_; ++i) {
      const double here = arrivals_per_s_[k] * shares_[i] / total;
      arrivals_at_[i] += here;
      busy_cores_[i] += here * services_s_[k * node_count_ + i];
    }
  }

  double tasks = 0;  // in the system; over the arrivals that is the mean response (Little's law)
  for (std::size_t i = 0; i < node_count_; ++i) {
    if (busy_cores_[i] <= 0) continue;
    const double busy = busy_cores_[i] / cores_[i];
    const double stable = std::min(busy, kMostBusy);
    const double waiting =
        std::pow(stable, std::sqrt(2 * (cores_[i] + 1)) - 1) / (cores_[i] * (1 - stable));
    // What cannot be served waits for ever; here for as long as a hundred tasks take.
    const double excess = std::max(0.0, busy - kMostBusy) * 100;
    tasks += busy_cores_[i] * (1 + waiting + excess);
  }
  return tasks / arrivals;
}

void WeightedSplit::use(std::span<const double> log_weights, const ClusterView& cluster) {
  WEIR_CHECK(log_weights.size() == weight_count(), "weights for other nodes or classes");
  for (std::size_t k = 0; k < class_count_; ++k) {
    draws_[k].clear();
    for (std::size_t i = 0; i < node_count_; ++i) {
      draws_[k].add(weight(i, log_weights[k * node_count_ + i]));
    }
    WEIR_CHECK(draws_[k].total() > 0 && cluster.nodes.size() == node_count_,
               "no node with capacity to choose from");
  }
}

RankId WeightedSplit::draw(ClassId task_class, const ClusterView& cluster, Random& random) {
  const CumulativeDraw& draw = draws_[task_class.value()];
  const std::size_t drawn = draw.draw(random);
  if (capacity(cluster.nodes[drawn]) > 0) return cluster.nodes[drawn].rank;
  // It was lost since the weights were taken: the next one with capacity, until they are renewed.
  for (std::size_t i = 1; i < node_count_; ++i) {
    const NodeView& next = cluster.nodes[(drawn + i) % node_count_];
    if (capacity(next) > 0) return next.rank;
  }
  WEIR_CHECK(false, "no node with capacity to choose from");
  return kNoRank;
}

}  // namespace weir
