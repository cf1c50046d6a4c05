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
      nodes_(1),
      reports_(1),
      home_counts_{.all = dispatcher_count} {
  WEIR_CHECK(node_count > 0 && self.value() < node_count, "this home is not one of the nodes");
  nodes_.front().rank = self;
  unknown_node_.rank = kNoRank;
  unknown_node_.cores = 0;
}

ClusterState::ClusterState(RankId self, int node_count, int dispatcher_count,
                           const TreePlace& place)
    : ClusterState(self, node_count, dispatcher_count) {
  if (!place.leaf_runs_tasks) never_works_ = place.leaf;
  if (self == never_works_) nodes_.front().cores = 0;
  if (!place.has_others) return;
  cluster_ = place.cluster;
  visible_ = {self};
  const auto is_home = [&](RankId rank) { return rank.value() < dispatcher_count; };
  home_counts_.here = static_cast<int>(std::ranges::count_if(cluster_, is_home));
  // Until homes are shown other clusters each fills its own.
  homes_here_ = home_counts_.here;
  nodes_.front().homes = homes_here_;
}

std::optional<std::size_t> ClusterState::place_of(RankId rank) const {
  if (nodes_.size() == static_cast<std::size_t>(node_count_)) {
    return static_cast<std::size_t>(rank.value());
  }
  const auto found = std::ranges::lower_bound(nodes_, rank, {}, &NodeView::rank);
  if (found == nodes_.end() || found->rank != rank) return std::nullopt;
  return static_cast<std::size_t>(found - nodes_.begin());
}

// The place of the node, which is out of sight unless it was kept before.
std::size_t ClusterState::keep(RankId rank) {
  if (const auto place = place_of(rank)) return *place;
  const auto next = std::ranges::lower_bound(nodes_, rank, {}, &NodeView::rank);
  const auto place = next - nodes_.begin();
  NodeView node;
  node.rank = rank;
  node.cores = 0;
  nodes_.insert(next, node);
  reports_.insert(reports_.begin() + place, ReportState());
  return static_cast<std::size_t>(place);
}

void ClusterState::look_around() {
  if (has_looked_around_) return;
  has_looked_around_ = true;
  if (!sees_all()) {
    show(cluster_);
    return;
  }
  const NodeView own = nodes_.front();
  ReportState own_report = std::move(reports_.front());
  nodes_.assign(static_cast<std::size_t>(node_count_), NodeView());
  for (int i = 0; i < node_count_; ++i) nodes_[static_cast<std::size_t>(i)].rank = RankId(i);
  reports_.assign(static_cast<std::size_t>(node_count_), ReportState());
  const auto self = static_cast<std::size_t>(self_.value());
  nodes_[self] = own;
  reports_[self] = std::move(own_report);
  assume_alike(reports_[self].report);
  if (never_works_ != kNoRank) nodes_[static_cast<std::size_t>(never_works_.value())].cores = 0;
}

void ClusterState::see(const std::vector<EntryCluster>& others) {
  look_around();
  std::vector<RankId> ranks = cluster_;
  for (const EntryCluster& other : others) {
    for (const EntryNode& node : other.nodes) {
      const RankId rank = node.report.node;
      WEIR_CHECK(rank.value() >= 0 && rank.value() < node_count_,
                 "an outlook names a node that does not exist");
      ranks.push_back(rank);
    }
  }
  std::ranges::sort(ranks);
  show(std::move(ranks));
  for (const EntryCluster& other : others) {
    for (const EntryNode& node : other.nodes) nodes_[keep(node.report.node)].homes = node.homes;
  }
  homes_here_ = homes_at_own_nodes(home_counts_, working_nodes_of_cluster(), others, node_count_);
  divide_own_nodes();
}

void ClusterState::set_homes(std::span<const RankId> homes) {
  const auto is_here = [this](RankId home) { return std::ranges::binary_search(cluster_, home); };
  home_counts_ = {.all = static_cast<int>(homes.size()),
                  .here = static_cast<int>(std::ranges::count_if(homes, is_here))};
}

// From now on these nodes are in sight.
void ClusterState::show(std::vector<RankId> ranks) {
  if (ranks == visible_) return;
  visible_ = std::move(ranks);
  keep_those_in_use();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].cores = is_in_sight(nodes_[i].rank) ? cores_in_sight(i) : 0;
  }
  divide_own_nodes();
}

void ClusterState::divide_own_nodes() {
  for (const RankId rank : cluster_) nodes_[keep(rank)].homes = homes_here_;
}

std::size_t ClusterState::working_nodes_of_cluster() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(cluster_, [this](RankId rank) { return node(rank).cores > 0; }));
}

// Those in sight, this one, and those with tasks of this home.
void ClusterState::keep_those_in_use() {
  std::vector<NodeView> nodes;
  std::vector<ReportState> reports;
  const double own_speed = report(self_).sequence > 0 ? report(self_).speed : 1;
  auto in_sight = visible_.begin();
  const auto take_new_ones_before = [&](RankId end) {
    for (; in_sight != visible_.end() && *in_sight < end; ++in_sight) {
      NodeView& node = nodes.emplace_back();
      node.rank = *in_sight;
      node.speed = own_speed;
      reports.emplace_back();
    }
  };
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const NodeView& node = nodes_[i];
    take_new_ones_before(node.rank);
    const bool is_seen = in_sight != visible_.end() && *in_sight == node.rank;
    if (is_seen) ++in_sight;
    if (!is_seen && node.rank != self_ && node.own_in_flight == 0) continue;
    nodes.push_back(node);
    reports.push_back(std::move(reports_[i]));
  }
  take_new_ones_before(RankId(node_count_));
  nodes_ = std::move(nodes);
  reports_ = std::move(reports);
}

bool ClusterState::is_in_sight(RankId rank) const {
  return sees_all() || std::ranges::binary_search(visible_, rank);
}

// A node that is seen is what it said last, or taken to be like this one.
double ClusterState::cores_in_sight(std::size_t place) const {
  const RankId rank = nodes_[place].rank;
  const NodeReport& known = reports_[place].report;
  if (is_suspected(rank)) return 0;
  if (known.sequence > 0) return known.worker_count;
  if (rank == never_works_) return 0;
  return std::max(1u, report(self_).worker_count);
}

void ClusterState::set_suspected(RankId node, bool suspected) {
  look_around();
  if (suspected) {
    suspected_.insert(node);
  } else {
    suspected_.erase(node);
  }
  const auto place = place_of(node);
  if (place) nodes_[*place].cores = is_in_sight(node) ? cores_in_sight(*place) : 0;
}

std::vector<RankId> ClusterState::all_ranks() const {
  std::vector<RankId> ranks;
  for (int i = 0; i < node_count_; ++i) ranks.emplace_back(i);
  return ranks;
}

bool ClusterState::nobody_works() const {
  return std::ranges::none_of(nodes_, [](const NodeView& node) { return node.cores > 0; });
}

bool ClusterState::apply(const NodeReport& report) {
  WEIR_CHECK(report.node.value() >= 0 && report.node.value() < node_count(),
             "a report names a node that does not exist");
  if (!place_of(report.node)) look_around();
  const auto place = place_of(report.node);
  if (!place) return false;  // It has gone out of sight since.
  ReportState& known = reports_[*place];
  if (report.sequence <= known.report.sequence) return false;
  known.report = report;

  NodeView& node = nodes_[*place];
  if (report.node == self_ && report.sequence == 1) assume_alike(report);
  node.cores = is_in_sight(report.node) ? cores_in_sight(*place) : 0;
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
  look_around();
  NodeView& known = nodes_[keep(node)];
  ++known.own_in_flight;
  ++known.own_of_class[task_class.value()];
  ++known.own_since_report;
}

void ClusterState::on_moved(RankId from, RankId to, ClassId task_class) {
  take_away(from, task_class);
  on_placed(to, task_class);
}

void ClusterState::on_ended(RankId node, ClassId task_class, Duration service) {
  take_away(node, task_class);
  const std::size_t place = *place_of(node);
  if (reports_[place].measured[task_class.value()]) return;
  double& mean = nodes_[place].mean_service_s[task_class.value()];
  const double measured = to_seconds(service);
  mean = mean == 0 ? measured : mean + kOwnGain * (measured - mean);
}

void ClusterState::take_away(RankId node, ClassId task_class) {
  const auto place = place_of(node);
  WEIR_CHECK(place && nodes_[*place].own_of_class[task_class.value()] > 0,
             "more tasks came back from a node than were placed there");
  --nodes_[*place].own_in_flight;
  --nodes_[*place].own_of_class[task_class.value()];
}

ClusterView ClusterState::view(Instant now) {
  look_around();
  // Should none of them work, any other node will do until some is shown that does.
  if (!sees_all() && nobody_works()) show(all_ranks());
  if (now - ages_as_of_ >= kAgeStep) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      nodes_[i].report_age = now - reports_[i].report.made;
    }
    ages_as_of_ = now;
  }
  return {nodes_, self_, static_cast<double>(home_counts_.all), now};
}

}  // namespace weir
