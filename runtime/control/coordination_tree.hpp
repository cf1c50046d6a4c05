// Who reports to whom: nodes to the coordinator of their cluster, coordinators to one above them,
// up to a single one for the whole job. A pure function of what every rank knows at start, so all
// ranks find the same tree without a message.
//
// Clusters: the nodes of one leaf switch where switches are known. Else ranks of one host stay
// together, and small hosts join to clusters of about sqrt(N) nodes, which balances what a cluster
// coordinator and the one above it have to do, but of no fewer than 32 (decision 017). No
// coordinator has more children than the fan-out: larger hosts are divided evenly, and levels are
// added until one coordinator is left. Three levels are enough for 262,144 nodes.
//
// A role sits on the lowest rank below it. So a rank has roles at the levels 1 to k without a gap,
// and the parent of each but the last is on the same rank: any other rank has to do with one of
// them only, and a message need not say for which.

#pragma once

#include <set>
#include <span>
#include <vector>

#include "runtime/base/ids.hpp"

namespace weir {

inline constexpr int kMaxFanOut = 64;

enum class CoordinatorRanks {
  kShared,     // coordinate beside running tasks
  kDedicated,  // run none; a rank that is alone in its cluster does both
};

struct TreeOptions {
  int fan_out = kMaxFanOut;  // 2 to kMaxFanOut
  // Where set: clusters are so many consecutive ranks, at most the fan-out, wherever they are.
  int cluster_size = 0;
  CoordinatorRanks coordinators = CoordinatorRanks::kShared;
};

// Where ranks are: any numbers, equal for ranks at one place. Empty: unknown.
struct RankPlaces {
  int rank_count = 1;
  std::vector<int> host_of;    // by rank
  std::vector<int> switch_of;  // by rank, its leaf switch
};

struct CoordinatorRole {
  int level = 1;  // 1: the children are nodes, else coordinators
  RankId rank;
  RankId parent = kNoRank;       // the rank of the coordinator above; none at the root
  std::vector<RankId> children;  // ascending; the first is `rank` itself
};

// All that one rank has to know of the tree.
struct TreePlace {
  RankId leaf;                         // where the coordinator of its cluster is
  std::vector<RankId> cluster;         // the nodes of its cluster, ascending; itself among them
  std::vector<CoordinatorRole> roles;  // that sit on this rank, from level 1 on
  bool leaf_runs_tasks = true;         // else that rank is there to coordinate
  bool has_others = false;             // there are further clusters

  // Whether this rank, whose place it is, runs tasks.
  bool runs_tasks(RankId self) const { return leaf_runs_tasks || leaf != self; }
};

class CoordinationTree {
 public:
  // The options are within their bounds.
  CoordinationTree(const RankPlaces& places, const TreeOptions& options);

  int rank_count() const { return static_cast<int>(cluster_of_.size()); }
  int level_count() const { return static_cast<int>(levels_.size()); }
  // Level 1 has one role for each cluster, the highest level a single one.
  std::span<const CoordinatorRole> level(int level) const;
  bool runs_tasks(RankId rank) const;
  // Of any coordinator.
  int most_children() const;

  TreePlace place_of(RankId rank) const;

  // What is left where some ranks are out: the same clusters and levels without them, each role on
  // the lowest rank that is left below it. A rank that takes over a role goes on running tasks. At
  // least one rank is left.
  CoordinationTree without(const std::set<RankId>& out) const;

 private:
  CoordinationTree() = default;
  void add_level(std::vector<CoordinatorRole> roles);

  std::vector<std::vector<CoordinatorRole>> levels_;
  std::vector<int> cluster_of_;      // by rank: position in the first level
  std::vector<bool> runs_no_tasks_;  // by rank: it is there to coordinate
};

// The tree of one coordinator, on the lowest rank that is not out, that all nodes report to: for
// rules that need to see all of them. No limit to its children; its cluster is left out, for it is
// everybody.
TreePlace flat_tree_place(RankId rank, int rank_count, const std::set<RankId>& out = {});

}  // namespace weir
