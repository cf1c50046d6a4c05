// Which nodes of a cluster are shown to homes of other clusters: those with most room. As homes
// that see the same ones would all go there, different homes see different ones as far as there are
// enough. What goes up the tree is bounded, however many nodes and homes there are: a coordinator
// above others chooses among the nodes that these have chosen.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

// Of all other clusters together a home sees so many, and more only where there are so few homes
// that all of them would see too little of the job: a placement looks at every one.
inline constexpr std::size_t kUsualEntryNodes = 64;
inline constexpr std::size_t kMostEntryNodesUpward = 32;

struct HomeCounts {
  int all = 1;   // of the job
  int here = 0;  // of them in the cluster
};

// Nodes of a cluster that can take tasks, those with most room, kMostEntryNodesUpward at most.
// `plan` is by node of the cluster, as `reports`; null: there is none.
std::vector<EntryNode> entry_nodes_of(std::span<const NodeReport> reports, const Directive* plan,
                                      const HomeCounts& homes);

// Of several parts of the tree, one: the nodes of all of them with most room. `shares` is by part
// and class, how tasks that go to all of them divide; so are then the weights of the nodes.
EntryCluster merged_entries(std::span<const EntryCluster> parts,
                            std::span<const std::vector<float>> shares, RankId coordinator);

// What this home is to see of the other clusters: of each about the same number, and others than
// the home of the rank before. `node_count` is of the job.
std::vector<EntryCluster> seen_from(RankId home, std::span<const EntryCluster> clusters,
                                    int home_count, int node_count);

}  // namespace weir
