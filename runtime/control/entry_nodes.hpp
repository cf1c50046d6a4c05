// Which nodes of a cluster are shown to homes of other clusters. A home sees at most eight of each,
// those with most room; and as homes that see the same ones would all go there, different homes see
// different ones as far as there are enough.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"
#include "runtime/protocol/message.hpp"

namespace weir {

inline constexpr std::size_t kMostEntryNodes = 8;

// Nodes of a cluster that can take tasks, those with most room: enough for so many homes.
// `plan` is by node of the cluster, as `reports`; null: there is none.
std::vector<EntryNode> entry_nodes_of(std::span<const NodeReport> reports, const Directive* plan,
                                      int home_count);

// What this home is to see of it: kMostEntryNodes at most, others than the home of the rank before.
EntryCluster seen_from(RankId home, const EntryCluster& cluster);

}  // namespace weir
