// Short builders of what a placement rule sees.

#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/policy/policy.hpp"

namespace weir {

inline TaskView task_of_class(std::uint8_t task_class) {
  TaskView task;
  task.task_class = ClassId(task_class);
  return task;
}

inline TaskView task_with_index(std::uint64_t index) {
  TaskView task;
  task.id = make_task_id(StreamId(0), index);
  return task;
}

// Views of nodes, ranked by position; the home is rank 0, one of two unless the test says
// otherwise: a home that is alone takes its own counts for all there is.
struct ClusterInput {
  std::vector<NodeView> nodes;
  RankId self{0};
  double dispatcher_count = 2;

  ClusterView view() const {
    return {.nodes = nodes, .self = self, .dispatcher_count = dispatcher_count};
  }
};

inline ClusterInput cluster_of(std::vector<NodeView> nodes) {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    nodes[i].rank = RankId(static_cast<std::int32_t>(i));
  }
  return {.nodes = std::move(nodes)};
}

inline ClusterInput equal_nodes(std::size_t count, double cores = 1) {
  NodeView node;
  node.cores = cores;
  return cluster_of(std::vector<NodeView>(count, node));
}

// A node of one core at speed 1 per entry, with that many tasks running or waiting.
inline ClusterInput nodes_with_tasks(const std::vector<std::uint32_t>& tasks) {
  ClusterInput cluster = equal_nodes(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    cluster.nodes[i].running = tasks[i] > 0 ? 1 : 0;
    cluster.nodes[i].queued = tasks[i] - cluster.nodes[i].running;
  }
  return cluster;
}

// How often each rank is chosen in a row of placements of equal tasks on an unchanging view.
inline std::vector<int> count_choices(Policy& policy, const ClusterInput& cluster, int placements) {
  std::vector<int> chosen(cluster.nodes.size());
  for (int i = 0; i < placements; ++i) {
    ++chosen[static_cast<std::size_t>(policy.place({}, cluster.view()).value())];
  }
  return chosen;
}

// The ranks chosen in a row of placements of tasks 0, 1, ... on an unchanging view.
inline std::vector<int> choices(Policy& policy, const ClusterInput& cluster, int placements) {
  std::vector<int> ranks;
  for (int i = 0; i < placements; ++i) {
    const TaskView task = task_with_index(static_cast<std::uint64_t>(i));
    ranks.push_back(policy.place(task, cluster.view()).value());
  }
  return ranks;
}

}  // namespace weir
