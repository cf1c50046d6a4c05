#include "runtime/control/cluster_state.hpp"

#include <utility>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

// Own completions stand in for a node's measurements until its first report. One completion in
// eight is enough weight to follow, and little enough not to jump with one long task.
constexpr double kOwnGain = 1.0 / 8;

}  // namespace

ClusterState::ClusterState(RankId self, int node_count, int dispatcher_count)
    : self_(self),
      node_count_(node_count),
      dispatcher_count_(dispatcher_count),
      nodes_(1),
      reports_(1) {
  WEIR_CHECK(node_count > 0 && self.value() < node_count, "this home is not one of the nodes");
  nodes_.front().rank = self;
  unknown_node_.rank = kNoRank;
}

void ClusterState::become_whole() {
  const NodeView own = nodes_.front();
  ReportState own_report = std::move(reports_.front());
  nodes_.assign(static_cast<std::size_t>(node_count_), NodeView());
  for (int i = 0; i < node_count_; ++i) nodes_[static_cast<std::size_t>(i)].rank = RankId(i);
  reports_.assign(static_cast<std::size_t>(node_count_), ReportState());
  nodes_[place_of(self_)] = own;
  reports_[place_of(self_)] = std::move(own_report);
  assume_alike(reports_[place_of(self_)].report);
}

bool ClusterState::apply(const NodeReport& report) {
  WEIR_CHECK(report.node.value() >= 0 && report.node.value() < node_count(),
             "a report names a node that does not exist");
  if (!knows(report.node)) become_whole();
  ReportState& known = reports_[place_of(report.node)];
  if (report.sequence <= known.report.sequence) return false;
  known.report = report;

  NodeView& node = nodes_[place_of(report.node)];
  if (report.node == self_ && report.sequence == 1) assume_alike(report);
  node.cores = report.worker_count;
  node.speed = report.speed;
  node.queued = 0;
  node.running = 0;
  node.own_since_report = 0;
  for (std::size_t i = 0; i < report.classes.size(); ++i) {
    const ClassLoad& load = report.classes[i];
    node.queued += load.queued;
    node.running += load.running;
    node.classes[i] = {load.queued, load.running, load.limit};
    if (load.mean_service_s > 0) {
      node.mean_service_s[i] = load.mean_service_s;
      known.measured[i] = true;
    }
  }
  return true;
}

// Until another node has said what it is, it is taken to be what this one is.
void ClusterState::assume_alike(const NodeReport& own) {
  if (own.worker_count == 0) return;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (reports_[i].report.sequence > 0) continue;
    nodes_[i].cores = own.worker_count;
    nodes_[i].speed = own.speed;
  }
}

void ClusterState::on_placed(RankId node, ClassId task_class) {
  if (!is_whole()) become_whole();
  ++nodes_[node.value()].own_in_flight;
  ++nodes_[node.value()].own_of_class[task_class.value()];
  ++nodes_[node.value()].own_since_report;
}

void ClusterState::on_moved(RankId from, RankId to, ClassId task_class) {
  take_away(from, task_class);
  on_placed(to, task_class);
}

void ClusterState::on_ended(RankId node, ClassId task_class, Duration service) {
  take_away(node, task_class);
  if (reports_[node.value()].measured[task_class.value()]) return;
  double& mean = nodes_[node.value()].mean_service_s[task_class.value()];
  const double measured = to_seconds(service);
  mean = mean == 0 ? measured : mean + kOwnGain * (measured - mean);
}

void ClusterState::take_away(RankId node, ClassId task_class) {
  // A home that has placed something knows all nodes.
  WEIR_CHECK(is_whole() && nodes_[node.value()].own_of_class[task_class.value()] > 0,
             "more tasks came back from a node than were placed there");
  --nodes_[node.value()].own_in_flight;
  --nodes_[node.value()].own_of_class[task_class.value()];
}

ClusterView ClusterState::view(Instant now) {
  if (!is_whole()) become_whole();
  if (now - ages_as_of_ >= kAgeStep) {
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      nodes_[i].report_age = now - reports_[i].report.made;
    ages_as_of_ = now;
  }
  return {nodes_, self_, dispatcher_count_, now};
}

}  // namespace weir
