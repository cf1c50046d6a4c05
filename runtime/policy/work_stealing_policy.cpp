#include "runtime/policy/work_stealing_policy.hpp"

#include <cstddef>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/policy/cheapest_node.hpp"

namespace weir {

RankId WorkStealingPolicy::place(const TaskView& /*task*/, const ClusterView& cluster) {
  const auto home = static_cast<std::size_t>(cluster.self.value());
  if (home < cluster.nodes.size() && capacity(cluster.nodes[home]) > 0) return cluster.self;
  return cheapest_node(cluster, [](const NodeView& node) {
    return (static_cast<double>(node.own_in_flight) + 1) / capacity(node);
  });
}

PolicyWithWorkStealing::PolicyWithWorkStealing(std::unique_ptr<Policy> placing)
    : placing_(std::move(placing)) {
  WEIR_CHECK(placing_ != nullptr, "no policy to place with");
}

RankId PolicyWithWorkStealing::place(const TaskView& task, const ClusterView& cluster) {
  return placing_->place(task, cluster);
}

void PolicyWithWorkStealing::on_report(const NodeView& node) { placing_->on_report(node); }

void PolicyWithWorkStealing::on_completion(RankId node, ClassId task_class, Duration response,
                                           Duration service) {
  placing_->on_completion(node, task_class, response, service);
}

void PolicyWithWorkStealing::on_token(RankId node) { placing_->on_token(node); }

void PolicyWithWorkStealing::choose_probes(const ClusterView& cluster, std::vector<RankId>& nodes) {
  placing_->choose_probes(cluster, nodes);
}

void PolicyWithWorkStealing::on_probe_answer(const ProbeReading& reading, Instant now) {
  placing_->on_probe_answer(reading, now);
}

void PolicyWithWorkStealing::reserve(const TaskView& task, const ClusterView& cluster,
                                     std::vector<RankId>& nodes) {
  placing_->reserve(task, cluster, nodes);
}

}  // namespace weir
