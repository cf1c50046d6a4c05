#include "runtime/policy/late_binding_policy.hpp"

#include <algorithm>
#include <cstddef>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Draws that may hit nodes already chosen, for each node wanted.
constexpr int kDrawsPerNode = 16;
// Reports that leave a table good enough, as a part of the nodes.
constexpr std::size_t kReportShare = 8;

double weight_of(const NodeView& node, ReservationDraw draw, ClassId task_class, double work_s) {
  const double cores_and_speed = capacity(node);
  if (cores_and_speed <= 0) return 0;
  if (draw == ReservationDraw::kUniform) return 1;
  if (draw == ReservationDraw::kCapacity) return cores_and_speed;
  return node.cores / expected_service_s(node, task_class, work_s);
}

}  // namespace

LateBindingPolicy::LateBindingPolicy(const LateBindingOptions& options, Random random)
    : options_(options), random_(random) {
  WEIR_CHECK(options.nodes_per_task > 0 && options.nodes_per_task <= kMostNodes,
             "a task without a node to wait for");
}

void LateBindingPolicy::on_report(const NodeView& /*node*/) { ++reports_; }

void LateBindingPolicy::reserve(const TaskView& task, const ClusterView& cluster,
                                std::vector<RankId>& nodes) {
  Table& table = table_of(task.task_class);
  nodes.push_back(cluster.nodes[draw(table, task, cluster)].rank);
  const std::size_t wanted =
      std::min(static_cast<std::size_t>(options_.nodes_per_task), table.drawable);
  const int draws = static_cast<int>(wanted) * kDrawsPerNode;
  for (int i = 0; nodes.size() < wanted && i < draws; ++i) {
    const RankId node = cluster.nodes[draw(table, task, cluster)].rank;
    if (std::ranges::find(nodes, node) == nodes.end()) nodes.push_back(node);
  }
}

RankId LateBindingPolicy::place(const TaskView& task, const ClusterView& cluster) {
  return cluster.nodes[draw(table_of(task.task_class), task, cluster)].rank;
}

LateBindingPolicy::Table& LateBindingPolicy::table_of(ClassId task_class) {
  const bool per_class = options_.draw == ReservationDraw::kClassRate;
  return tables_[per_class ? task_class.value() : 0];
}

bool LateBindingPolicy::is_old(const Table& table, const ClusterView& cluster) const {
  return table.node_count != cluster.nodes.size() ||
         reports_ - table.reports > cluster.nodes.size() / kReportShare;
}

std::size_t LateBindingPolicy::draw(Table& table, const TaskView& task,
                                    const ClusterView& cluster) {
  if (is_old(table, cluster)) rebuild(table, task, cluster);
  const std::size_t drawn = table.nodes->draw(random_);
  if (capacity(cluster.nodes[drawn]) > 0) return drawn;
  rebuild(table, task, cluster);
  return table.nodes->draw(random_);
}

void LateBindingPolicy::rebuild(Table& table, const TaskView& task,
                                const ClusterView& cluster) const {
  const double work_s =
      options_.draw == ReservationDraw::kClassRate ? mean_work_s(cluster, task.task_class) : 1;
  std::vector<double> weights;
  weights.reserve(cluster.nodes.size());
  for (const NodeView& node : cluster.nodes) {
    weights.push_back(weight_of(node, options_.draw, task.task_class, work_s));
  }
  table.node_count = weights.size();
  table.drawable = weights.size() - static_cast<std::size_t>(std::ranges::count(weights, 0.0));
  WEIR_CHECK(table.drawable > 0, "no node with capacity to choose from");
  table.nodes.emplace(weights);
  table.reports = reports_;
}

}  // namespace weir
