// Which nodes homes of other clusters are shown. A cluster shows those that work, which are no more
// than its coordinator's children. A coordinator above others shows the ones with most room among
// theirs, so that what goes up the tree is bounded, however large the job is. As homes that see the
// same nodes would all go there, different homes see different ones as far as there are enough. And
// how many homes see a node, as they divide its room.

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
// Of a part of the tree above clusters so many are shown, those with most room. Where they are
// fewer than the part has, those few get all that goes there until the next report.
inline constexpr std::size_t kMostMergedNodes = 8192;

struct HomeCounts {
  int all = 1;   // of the job
  int here = 0;  // of them in the cluster
};

// Nodes of a cluster that can take tasks. `plan` is by node of the cluster, as `reports`; null:
// there is none.
std::vector<EntryNode> entry_nodes_of(std::span<const NodeReport> reports, const Directive* plan,
                                      const HomeCounts& homes);

// Of several parts of the tree, one: the nodes of all of them with most room. `shares` is by part
// and class, how tasks that go to all of them divide; so are then the weights of the nodes.
EntryCluster merged_entries(std::span<const EntryCluster> parts,
                            std::span<const std::vector<float>> shares, RankId coordinator);

// What this home is to see of the other clusters: of each in proportion to the nodes that it stands
// for, which are kept, and others than the home of the rank before. `node_count` is of the job.
std::vector<EntryCluster> seen_from(RankId home, std::span<const EntryCluster> clusters,
                                    int home_count, int node_count);

// How many homes place tasks at a node of the own cluster, of which `own_nodes` work, beside the
// `others`: its own homes, and of all others as many, in the mean, as are shown it. Exact where
// clusters are alike, and homes spread over the others as nodes do.
double homes_at_own_nodes(const HomeCounts& homes, std::size_t own_nodes,
                          std::span<const EntryCluster> others, int node_count);

}  // namespace weir
