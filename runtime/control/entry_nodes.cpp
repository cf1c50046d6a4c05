#include "runtime/control/entry_nodes.hpp"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

// Idle capacity, in cores of speed 1; less than zero where tasks wait.
double room(const NodeReport& report) {
  double tasks = 0;
  for (const ClassLoad& load : report.classes) tasks += double{1} * load.queued + load.running;
  return (report.worker_count - tasks) * report.speed;
}

}  // namespace

std::vector<EntryNode> entry_nodes_of(std::span<const NodeReport> reports, const Directive* plan,
                                      int home_count) {
  std::vector<std::pair<double, std::size_t>> by_room;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const bool works = reports[i].sequence > 0 && reports[i].worker_count > 0;
    if (works) by_room.emplace_back(-room(reports[i]), i);
  }
  std::ranges::sort(by_room);
  const std::size_t wanted = kMostEntryNodes * static_cast<std::size_t>(home_count);
  if (by_room.size() > wanted) by_room.resize(wanted);
  // Homes keep the ones they have, as far as the choice is the same.
  std::ranges::sort(by_room, {}, &std::pair<double, std::size_t>::second);

  std::vector<EntryNode> nodes;
  nodes.reserve(by_room.size());
  for (const auto& [no_room, i] : by_room) {
    EntryNode node{.report = reports[i], .weights = {}};
    node.report.telemetry = {};
    if (plan != nullptr) {
      for (const auto& of_class : plan->weights) {
        node.weights.push_back(i < of_class.size() ? of_class[i] : 0);
      }
      if (i < plan->prices.size()) node.price = plan->prices[i];
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

// Nodes in steps, so that the last ones of a cluster are not always seen together: 0, 3, 6, 1, 4,
// 7, 2, 5. A home takes eight in a row of them, the next home the next eight.
EntryCluster seen_from(RankId home, const EntryCluster& cluster) {
  EntryCluster seen{.cluster = cluster.cluster, .shares = cluster.shares, .nodes = {}};
  const std::size_t count = cluster.nodes.size();
  const std::size_t step = (count + kMostEntryNodes - 1) / kMostEntryNodes;
  std::vector<std::size_t> in_steps;
  for (std::size_t first = 0; first < step; ++first) {
    for (std::size_t i = first; i < count; i += step) in_steps.push_back(i);
  }
  const std::size_t start = static_cast<std::size_t>(home.value()) * kMostEntryNodes;
  for (std::size_t i = 0; i < std::min(count, kMostEntryNodes); ++i) {
    seen.nodes.push_back(cluster.nodes[in_steps[(start + i) % count]]);
  }
  return seen;
}

}  // namespace weir
