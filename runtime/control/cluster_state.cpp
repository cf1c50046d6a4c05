#include "runtime/control/cluster_state.hpp"

#include <algorithm>
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

ClusterState::ClusterState(RankId self, int node_count, int dispatcher_count,
                           const TreePlace& place)
    : ClusterState(self, node_count, dispatcher_count) {
  if (!place.leaf_runs_tasks) never_works_ = place.leaf;
  if (self == never_works_) nodes_.front().cores = 0;
  if (!place.has_others) return;
  cluster_ = place.cluster;
  visible_ = cluster_;
  const auto is_home = [&](RankId rank) { return rank.value() < dispatcher_count; };
  homes_of_cluster_ = static_cast<double>(std::ranges::count_if(cluster_, is_home));
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
  if (never_works_ != kNoRank) nodes_[place_of(never_works_)].cores = 0;
  if (!visible_.empty()) show(visible_);
}

void ClusterState::see(const std::vector<EntryCluster>& others) {
  if (!is_whole()) become_whole();
  std::vector<RankId> ranks = cluster_;
  for (const EntryCluster& other : others) {
    for (const EntryNode& node : other.nodes) ranks.push_back(node.report.node);
  }
  std::ranges::sort(ranks);
  show(std::move(ranks));
  for (const EntryCluster& other : others) {
    for (const EntryNode& node : other.nodes) nodes_[place_of(node.report.node)].homes = node.homes;
  }
}

// A node that comes into sight is what it said last, or taken to be like this one.
void ClusterState::show(std::vector<RankId> ranks) {
  std::size_t next = 0;
  const NodeReport& own = reports_[place_of(self_)].report;
  for (NodeView& node : nodes_) {
    const bool is_seen = next < ranks.size() && ranks[next] == node.rank;
    next += is_seen ? 1 : 0;
    const NodeReport& known = reports_[place_of(node.rank)].report;
    if (!is_seen || is_suspected(place_of(node.rank))) {
      node.cores = 0;
    } else if (known.sequence > 0) {
      node.cores = known.worker_count;
    } else if (node.cores <= 0 && node.rank != never_works_) {
      node.cores = std::max(1u, own.worker_count);
    }
  }
  for (const RankId rank : cluster_) nodes_[place_of(rank)].homes = homes_of_cluster_;
  visible_ = std::move(ranks);
}

void ClusterState::set_suspected(RankId node, bool suspected) {
  if (!is_whole()) become_whole();
  suspected_.resize(nodes_.size());
  suspected_[place_of(node)] = suspected;
  NodeView& view = nodes_[place_of(node)];
  if (suspected) {
    view.cores = 0;
  } else if (visible_.empty() || std::ranges::binary_search(visible_, node)) {
    const NodeReport& known = reports_[place_of(node)].report;
    const NodeReport& own = reports_[place_of(self_)].report;
    view.cores = known.sequence > 0 ? known.worker_count : std::max(1u, own.worker_count);
    if (node == never_works_) view.cores = 0;
  }
}

std::vector<RankId> ClusterState::all_ranks() const {
  std::vector<RankId> ranks;
  for (const NodeView& node : nodes_) ranks.push_back(node.rank);
  return ranks;
}

bool ClusterState::nobody_works() const {
  return std::ranges::none_of(visible_,
                              [this](RankId rank) { return nodes_[place_of(rank)].cores > 0; });
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
  node.cores = is_suspected(place_of(report.node)) ? 0 : report.worker_count;
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
    if (reports_[i].report.sequence > 0 || nodes_[i].cores <= 0) continue;
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
  // Should none of them work, any other node will do until some is shown that does.
  if (!visible_.empty() && nobody_works()) show(all_ranks());
  if (now - ages_as_of_ >= kAgeStep) {
    for_each_visible({.nodes = nodes_, .self = self_, .visible = visible_},
                     [&](const NodeView& node) {
                       const std::size_t i = place_of(node.rank);
                       nodes_[i].report_age = now - reports_[i].report.made;
                     });
    ages_as_of_ = now;
  }
  return {nodes_, self_, dispatcher_count_, now, visible_};
}

}  // namespace weir
