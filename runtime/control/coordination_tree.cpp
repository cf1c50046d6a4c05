#include "runtime/control/coordination_tree.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>

#include "runtime/base/check.hpp"

namespace weir {
namespace {

using Ranks = std::vector<RankId>;

// Of fewer, what a home knows of the other clusters is old; of more, reports come seldom (decision
// 017).
constexpr int kLeastCluster = 32;

int parts_of(std::size_t count, int most) {
  return static_cast<int>((count + static_cast<std::size_t>(most) - 1) /
                          static_cast<std::size_t>(most));
}

// Appends `ranks` in as few parts of at most `most` as there can be; their sizes differ by one.
void divide_evenly(const Ranks& ranks, int most, std::vector<Ranks>& parts) {
  const auto count = static_cast<std::size_t>(parts_of(ranks.size(), most));
  for (std::size_t part = 0; part < count; ++part) {
    const auto from = ranks.begin() + static_cast<std::ptrdiff_t>(part * ranks.size() / count);
    const auto to = ranks.begin() + static_cast<std::ptrdiff_t>((part + 1) * ranks.size() / count);
    parts.emplace_back(from, to);
  }
}

// Ranks at one place, in the order of their lowest rank.
std::vector<Ranks> groups_at(const std::vector<int>& place_of) {
  std::vector<Ranks> groups;
  std::map<int, std::size_t> group_of;
  for (std::size_t rank = 0; rank < place_of.size(); ++rank) {
    const auto [known, is_new] = group_of.try_emplace(place_of[rank], groups.size());
    if (is_new) groups.emplace_back();
    groups[known->second].push_back(RankId(static_cast<std::int32_t>(rank)));
  }
  return groups;
}

int usual_cluster_size(int rank_count, int fan_out) {
  const int square_root = static_cast<int>(std::lround(std::sqrt(rank_count)));
  return std::min(std::max(square_root, kLeastCluster), fan_out);
}

// Hosts in order, filled evenly into clusters of the usual size. None is divided here, and none
// joins a cluster that would pass the fan-out by it.
std::vector<Ranks> joined_hosts(const std::vector<Ranks>& hosts, int rank_count, int fan_out) {
  const auto parts =
      parts_of(static_cast<std::size_t>(rank_count), usual_cluster_size(rank_count, fan_out));
  std::vector<Ranks> clusters;
  std::int64_t placed = 0;
  std::int64_t last_part = -1;
  for (const Ranks& host : hosts) {
    const std::int64_t part = placed * parts / rank_count;
    const bool fits = !clusters.empty() &&
                      clusters.back().size() + host.size() <= static_cast<std::size_t>(fan_out);
    if (part != last_part || !fits) clusters.emplace_back();
    last_part = part;
    clusters.back().insert(clusters.back().end(), host.begin(), host.end());
    placed += static_cast<std::int64_t>(host.size());
  }
  return clusters;
}

std::vector<Ranks> groups_of(const RankPlaces& places, const TreeOptions& options) {
  std::vector<int> each_alone(static_cast<std::size_t>(places.rank_count));
  std::iota(each_alone.begin(), each_alone.end(), 0);
  if (options.cluster_size > 0) {
    for (int& place : each_alone) place /= options.cluster_size;
    return groups_at(each_alone);
  }
  if (!places.switch_of.empty()) return groups_at(places.switch_of);
  const auto hosts = groups_at(places.host_of.empty() ? each_alone : places.host_of);
  return joined_hosts(hosts, places.rank_count, options.fan_out);
}

std::vector<CoordinatorRole> roles_over(int level, std::vector<Ranks> children) {
  for (Ranks& ranks : children) std::ranges::sort(ranks);
  std::ranges::sort(children, {}, [](const Ranks& ranks) { return ranks.front(); });
  std::vector<CoordinatorRole> roles;
  for (Ranks& ranks : children) {
    CoordinatorRole role{.level = level, .rank = ranks.front(), .children = {}};
    role.children = std::move(ranks);
    roles.push_back(std::move(role));
  }
  return roles;
}

}  // namespace

CoordinationTree::CoordinationTree(const RankPlaces& places, const TreeOptions& options)
    : cluster_of_(static_cast<std::size_t>(places.rank_count)), runs_no_tasks_(cluster_of_.size()) {
  WEIR_CHECK(places.rank_count > 0, "a tree without ranks");
  WEIR_CHECK(options.fan_out >= 2 && options.fan_out <= kMaxFanOut &&
                 options.cluster_size <= options.fan_out,
             "the options of the tree are out of bounds");
  WEIR_CHECK(places.host_of.empty() || places.host_of.size() == cluster_of_.size(),
             "a list of hosts for another number of ranks");
  WEIR_CHECK(places.switch_of.empty() || places.switch_of.size() == cluster_of_.size(),
             "a list of switches for another number of ranks");

  std::vector<Ranks> clusters;
  for (const Ranks& group : groups_of(places, options)) {
    divide_evenly(group, options.fan_out, clusters);
  }
  add_level(roles_over(1, std::move(clusters)));
  for (const CoordinatorRole& leaf : levels_.front()) {
    runs_no_tasks_[static_cast<std::size_t>(leaf.rank.value())] =
        options.coordinators == CoordinatorRanks::kDedicated && leaf.children.size() > 1;
  }
  while (levels_.back().size() > 1) {
    Ranks below;
    for (const CoordinatorRole& role : levels_.back()) below.push_back(role.rank);
    std::vector<Ranks> parts;
    divide_evenly(below, options.fan_out, parts);
    add_level(roles_over(level_count() + 1, std::move(parts)));
  }
}

std::span<const CoordinatorRole> CoordinationTree::level(int level) const {
  return levels_[static_cast<std::size_t>(level - 1)];
}

bool CoordinationTree::runs_tasks(RankId rank) const {
  return !runs_no_tasks_[static_cast<std::size_t>(rank.value())];
}

int CoordinationTree::most_children() const {
  std::size_t most = 0;
  for (const auto& roles : levels_) {
    for (const CoordinatorRole& role : roles) most = std::max(most, role.children.size());
  }
  return static_cast<int>(most);
}

TreePlace CoordinationTree::place_of(RankId rank) const {
  const auto cluster =
      static_cast<std::size_t>(cluster_of_[static_cast<std::size_t>(rank.value())]);
  const CoordinatorRole& leaf = levels_.front()[cluster];
  TreePlace place{.leaf = leaf.rank,
                  .cluster = leaf.children,
                  .roles = {},
                  .leaf_runs_tasks = runs_tasks(leaf.rank),
                  .has_others = levels_.front().size() > 1};
  for (const auto& roles : levels_) {
    const auto own = std::ranges::lower_bound(roles, rank, {}, &CoordinatorRole::rank);
    if (own == roles.end() || own->rank != rank) break;
    place.roles.push_back(*own);
  }
  return place;
}

// From the lowest level up: of each role the children that are left, by the rank that has it now.
CoordinationTree CoordinationTree::without(const std::set<RankId>& out) const {
  CoordinationTree left;
  left.cluster_of_ = cluster_of_;
  left.runs_no_tasks_ = runs_no_tasks_;
  std::map<RankId, RankId> heir_of;  // by rank in the level below, who has that role now
  for (const RankId rank : out) heir_of[rank] = kNoRank;
  for (const auto& roles : levels_) {
    std::vector<CoordinatorRole> kept;
    std::map<RankId, RankId> heir_here;
    for (const CoordinatorRole& role : roles) {
      CoordinatorRole with{.level = role.level, .rank = kNoRank, .children = {}};
      for (const RankId child : role.children) {
        const auto heir = heir_of.find(child);
        if (heir == heir_of.end()) with.children.push_back(child);
        if (heir != heir_of.end() && heir->second != kNoRank) with.children.push_back(heir->second);
      }
      std::ranges::sort(with.children);
      if (!with.children.empty()) with.rank = with.children.front();
      if (with.rank != role.rank) heir_here[role.rank] = with.rank;
      if (with.rank != kNoRank) kept.push_back(std::move(with));
    }
    std::ranges::sort(kept, {}, &CoordinatorRole::rank);
    left.add_level(std::move(kept));
    heir_of = std::move(heir_here);
  }
  return left;
}

// The roles of the level below learn who is above them; and of the first level, nodes their
// cluster.
void CoordinationTree::add_level(std::vector<CoordinatorRole> roles) {
  for (std::size_t i = 0; i < roles.size(); ++i) {
    for (const RankId child : roles[i].children) {
      if (levels_.empty()) {
        cluster_of_[static_cast<std::size_t>(child.value())] = static_cast<int>(i);
      } else {
        std::ranges::lower_bound(levels_.back(), child, {}, &CoordinatorRole::rank)->parent =
            roles[i].rank;
      }
    }
  }
  levels_.push_back(std::move(roles));
}

TreePlace flat_tree_place(RankId rank, int rank_count, const std::set<RankId>& out) {
  CoordinatorRole relay{.level = 1, .rank = kNoRank, .children = {}};
  for (int i = 0; i < rank_count; ++i) {
    if (!out.contains(RankId(i))) relay.children.emplace_back(i);
  }
  relay.rank = relay.children.front();
  TreePlace place{.leaf = relay.rank, .cluster = {}, .roles = {}};
  if (rank != place.leaf) return place;
  place.roles.push_back(std::move(relay));
  return place;
}

}  // namespace weir
