#include "runtime/policy/views.hpp"

#include <algorithm>
#include <cstddef>

namespace weir {
namespace {

// What a node does with a class is not known before it was tried, and it is never tried where the
// guess is worse than what others are known to do. So the guess is half of what is likely:
// optimism in the face of uncertainty (R. Brafman and M. Tennenholtz, "R-MAX", J. Machine Learning
// Research 3, 2002). It costs a few tasks at each node, once.
constexpr double kOptimism = 0.5;

double guessed_service_s(const NodeView& node, double work_s) {
  return kOptimism * work_s / node.speed;
}

}  // namespace

double capacity(const NodeView& node) { return std::max(0.0, node.cores * node.speed); }

double cores_for(const NodeView& node, ClassId task_class) {
  const std::uint32_t limit = node.classes[task_class.value()].limit;
  return limit == 0 ? node.cores : std::min<double>(node.cores, limit);
}

double estimated_tasks(const NodeView& node, double dispatcher_count, double own_weight) {
  if (dispatcher_count <= 1) return node.own_in_flight;
  const double reported = static_cast<double>(node.queued) + static_cast<double>(node.running);
  // With old reports and short tasks most of what was placed since has left again.
  const double still_there = std::min(node.own_since_report, node.own_in_flight);
  return std::max<double>(reported + own_weight * dispatcher_count * still_there,
                          node.own_in_flight);
}

double mean_work_s(const ClusterView& cluster, ClassId task_class) {
  double sum = 0;
  int knowing = 0;
  for (const NodeView& node : cluster.nodes) {
    const double service = node.mean_service_s[task_class.value()];
    if (service <= 0) continue;
    sum += service * node.speed;
    ++knowing;
  }
  return knowing > 0 ? sum / knowing : 1;
}

double expected_service_s(const NodeView& node, ClassId task_class, double work_s) {
  const double measured = node.mean_service_s[task_class.value()];
  return measured > 0 ? measured : guessed_service_s(node, work_s);
}

double expected_service_s(const ClusterView& cluster, const NodeView& node, ClassId task_class) {
  const double measured = node.mean_service_s[task_class.value()];
  return measured > 0 ? measured : guessed_service_s(node, mean_work_s(cluster, task_class));
}

ClassWork mean_work_of_classes(const ClusterView& cluster) {
  ClassWork work{}, knowing{};
  for (const NodeView& node : cluster.nodes) {
    for (std::size_t i = 0; i < work.size(); ++i) {
      work[i] += node.mean_service_s[i] * node.speed;
      knowing[i] += node.mean_service_s[i] > 0 ? 1 : 0;
    }
  }
  for (std::size_t i = 0; i < work.size(); ++i) {
    if (knowing[i] > 0) work[i] /= knowing[i];
  }
  return work;
}

double measured_speed(const NodeView& node, const ClassWork& work) {
  double work_s = 0;
  double service_s = 0;
  for (std::size_t i = 0; i < work.size(); ++i) {
    work_s += node.mean_service_s[i] > 0 ? work[i] : 0;
    service_s += node.mean_service_s[i];
  }
  return service_s > 0 ? work_s / service_s : node.speed;
}

}  // namespace weir
