#include "runtime/control/entry_nodes.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "runtime/control/coordination_tree.hpp"

namespace weir {
namespace {

// Idle capacity, in cores of speed 1; less than zero where tasks wait.
double room(const NodeReport& report) {
  double tasks = 0;
  for (const ClassLoad& load : report.classes) tasks += double{1} * load.queued + load.running;
  return (report.worker_count - tasks) * report.speed;
}

// By class, then by node: as planned, by capacity where there is no plan for a class. Sums are 1.
std::vector<std::vector<float>> weights_within(const EntryCluster& cluster,
                                               std::size_t class_count) {
  std::vector<std::vector<float>> weights(class_count);
  for (std::size_t k = 0; k < class_count; ++k) {
    for (const EntryNode& node : cluster.nodes) {
      weights[k].push_back(k < node.weights.size() ? node.weights[k] : 0);
    }
    const auto sum = [&] { return std::accumulate(weights[k].begin(), weights[k].end(), 0.0F); };
    if (sum() <= 0) {
      weights[k].clear();
      for (const EntryNode& node : cluster.nodes) {
        weights[k].push_back(static_cast<float>(node.report.worker_count * node.report.speed));
      }
    }
    const float total = sum();
    for (float& weight : weights[k]) weight = total > 0 ? weight / total : 0;
  }
  return weights;
}

}  // namespace

std::vector<EntryNode> entry_nodes_of(std::span<const NodeReport> reports, const Directive* plan,
                                      const HomeCounts& homes) {
  std::vector<EntryNode> nodes;
  nodes.reserve(reports.size());
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (reports[i].sequence == 0 || reports[i].worker_count == 0) continue;
    EntryNode node{.report = reports[i], .weights = {}, .homes = static_cast<float>(homes.here)};
    node.report.telemetry = {};
    if (plan != nullptr) {
      for (const auto& of_class : plan->weights) {
        node.weights.push_back(i < of_class.size() ? of_class[i] : 0);
      }
      if (i < plan->prices.size()) node.price = plan->prices[i];
      for (const auto& of_class : plan->log_prices) {
        node.log_prices.push_back(i < of_class.size() ? of_class[i] : 0);
      }
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

EntryCluster merged_entries(std::span<const EntryCluster> parts,
                            std::span<const std::vector<float>> shares, RankId coordinator) {
  EntryCluster all{.cluster = coordinator, .shares = {}, .nodes = {}};
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const std::size_t class_count = shares[part].size();
    all.shares.assign(class_count, 1);
    all.stands_for += parts[part].stands_for;
    const std::vector<std::vector<float>> weights = weights_within(parts[part], class_count);
    for (std::size_t i = 0; i < parts[part].nodes.size(); ++i) {
      EntryNode& node = all.nodes.emplace_back(parts[part].nodes[i]);
      node.weights.resize(class_count);
      for (std::size_t k = 0; k < class_count; ++k) {
        node.weights[k] = shares[part][k] * weights[k][i];
      }
    }
  }
  const auto by_room = [](const EntryNode& a, const EntryNode& b) {
    return std::pair(-room(a.report), a.report.node) < std::pair(-room(b.report), b.report.node);
  };
  std::ranges::sort(all.nodes, by_room);
  if (all.nodes.size() > kMostMergedNodes) all.nodes.resize(kMostMergedNodes);
  std::ranges::sort(all.nodes, {}, [](const EntryNode& node) { return node.report.node; });
  return all;
}

namespace {

// So many a home is to see of all other clusters.
std::size_t seen_node_count(int home_count, int node_count) {
  // Twice what would do if all homes saw different ones.
  const auto fair = static_cast<std::size_t>(2 * node_count / std::max(1, home_count));
  return std::max(kUsualEntryNodes, fair);
}

// At least one, which also keeps an empty cluster from dividing by nothing.
std::size_t size_of(const EntryCluster& cluster) {
  return std::max({std::size_t{1}, std::size_t{cluster.stands_for}, cluster.nodes.size()});
}

std::size_t size_of_all(std::span<const EntryCluster> clusters) {
  std::size_t nodes = 0;
  for (const EntryCluster& cluster : clusters) nodes += size_of(cluster);
  return nodes;
}

// Of a cluster of `size` among the `all` nodes that it is chosen from.
std::size_t most_seen_of(std::size_t size, std::size_t all, std::size_t seen_in_all) {
  return (seen_in_all * size + all - 1) / all;
}

// Nodes in steps, so that the last ones of a cluster are not always seen together: 0, 3, 6, 1, 4,
// 7, 2, 5 of eight, of which three are to be seen. A home takes so many in a row of them, the next
// home the next ones.
EntryCluster seen_of(RankId home, const EntryCluster& cluster, std::size_t most, int home_count) {
  EntryCluster seen{.cluster = cluster.cluster,
                    .shares = cluster.shares,
                    .nodes = {},
                    .stands_for = static_cast<std::uint32_t>(size_of(cluster))};
  const std::size_t count = cluster.nodes.size();
  const std::size_t step = (count + most - 1) / most;
  std::vector<std::size_t> in_steps;
  for (std::size_t first = 0; first < step; ++first) {
    for (std::size_t i = first; i < count; i += step) in_steps.push_back(i);
  }
  const std::size_t seen_count = std::min(count, most);
  const std::size_t start = static_cast<std::size_t>(home.value()) * seen_count;
  for (std::size_t i = 0; i < seen_count; ++i) {
    const std::size_t position = (start + i) % count;
    EntryNode& node = seen.nodes.emplace_back(cluster.nodes[in_steps[position]]);
    // What homes take lies end to end, round after round.
    const auto strangers =
        static_cast<std::size_t>(std::max(0.0F, static_cast<float>(home_count) - node.homes));
    const std::size_t taken = strangers * seen_count;
    const std::size_t rounds = taken / count + (position < taken % count ? 1 : 0);
    node.homes = std::max(1.0F, node.homes + static_cast<float>(rounds));
  }
  return seen;
}

}  // namespace

std::vector<EntryCluster> seen_from(RankId home, std::span<const EntryCluster> clusters,
                                    int home_count, int node_count) {
  const std::size_t in_all = seen_node_count(home_count, node_count);
  const std::size_t nodes_there = size_of_all(clusters);
  std::vector<EntryCluster> seen;
  for (const EntryCluster& cluster : clusters) {
    const std::size_t most = most_seen_of(size_of(cluster), nodes_there, in_all);
    seen.push_back(seen_of(home, cluster, most, home_count));
  }
  return seen;
}

double homes_at_own_nodes(const HomeCounts& homes, std::size_t own_nodes,
                          std::span<const EntryCluster> others, int node_count) {
  if (own_nodes == 0 || others.empty()) return homes.all;
  const std::size_t in_all = seen_node_count(homes.all, node_count);
  const std::size_t nodes_there = size_of_all(others);
  std::size_t seen = 0;  // nodes here times nodes there whose homes see them
  for (const EntryCluster& other : others) {
    const std::size_t size = size_of(other);
    // A home there chooses among all nodes but those of its own cluster. What stands for several
    // clusters is larger than any of them.
    const std::size_t their_own = std::min<std::size_t>(size, kMaxFanOut);
    const std::size_t most = most_seen_of(own_nodes, own_nodes + nodes_there - their_own, in_all);
    seen += std::min(most, own_nodes) * size;
  }
  const double share = static_cast<double>(seen) / static_cast<double>(own_nodes * nodes_there);
  return homes.here + (homes.all - homes.here) * share;
}

}  // namespace weir
