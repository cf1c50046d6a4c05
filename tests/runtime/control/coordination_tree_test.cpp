#include "runtime/control/coordination_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

// Ranks that share a host or a switch are consecutive here, as launchers place them.
std::vector<int> in_groups_of(int size, int rank_count) {
  std::vector<int> place(static_cast<std::size_t>(rank_count));
  for (int rank = 0; rank < rank_count; ++rank) place[static_cast<std::size_t>(rank)] = rank / size;
  return place;
}

std::vector<RankId> ranks_from_to(int from, int to) {
  std::vector<RankId> ranks;
  for (int rank = from; rank < to; ++rank) ranks.emplace_back(rank);
  return ranks;
}

// What has to be true of every tree.
void expect_sound(const CoordinationTree& tree, int fan_out) {
  std::multiset<RankId> nodes;
  for (int level = 1; level <= tree.level_count(); ++level) {
    std::multiset<RankId> children;
    for (const CoordinatorRole& role : tree.level(level)) {
      EXPECT_EQ(role.level, level);
      EXPECT_EQ(role.rank, role.children.front());
      EXPECT_TRUE(std::ranges::is_sorted(role.children));
      EXPECT_LE(role.children.size(), static_cast<std::size_t>(fan_out));
      EXPECT_EQ(role.parent == kNoRank, level == tree.level_count());
      children.insert(role.children.begin(), role.children.end());
    }
    std::multiset<RankId> below;
    if (level == 1) {
      for (int rank = 0; rank < tree.rank_count(); ++rank) below.insert(RankId(rank));
    } else {
      for (const CoordinatorRole& role : tree.level(level - 1)) below.insert(role.rank);
    }
    EXPECT_EQ(children, below) << "level " << level << ": each has exactly one coordinator";
  }
  EXPECT_EQ(tree.level(tree.level_count()).size(), 1u);
  EXPECT_EQ(tree.level(tree.level_count()).front().rank, RankId(0));
}

// What a rank knows agrees with the tree, and all levels on a rank follow without a gap.
void expect_places_agree(const CoordinationTree& tree) {
  std::size_t roles = 0;
  for (int rank = 0; rank < tree.rank_count(); ++rank) {
    const TreePlace place = tree.place_of(RankId(rank));
    EXPECT_EQ(place.leaf, place.cluster.front());
    EXPECT_TRUE(std::ranges::binary_search(place.cluster, RankId(rank)));
    roles += place.roles.size();
    for (std::size_t i = 0; i < place.roles.size(); ++i) {
      EXPECT_EQ(place.roles[i].level, static_cast<int>(i) + 1);
      EXPECT_EQ(place.roles[i].parent == RankId(rank), i + 1 < place.roles.size());
    }
  }
  std::size_t all = 0;
  for (int level = 1; level <= tree.level_count(); ++level) all += tree.level(level).size();
  EXPECT_EQ(roles, all);
}

TEST(CoordinationTree, IsSoundForAnyNumberOfRanks) {
  for (int ranks = 1; ranks <= 10'000; ranks = ranks < 300 ? ranks + 1 : ranks + 977) {
    SCOPED_TRACE(std::to_string(ranks) + " ranks");
    const CoordinationTree tree({.rank_count = ranks, .host_of = {}, .switch_of = {}}, {});
    expect_sound(tree, kMaxFanOut);
    expect_places_agree(tree);
    EXPECT_LE(tree.level_count(), 3);
  }
}

TEST(CoordinationTree, IsSoundForAnyHostsSwitchesAndOptions) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed, 0);
    RankPlaces places{
        .rank_count = 1 + static_cast<int>(random.below(3000)), .host_of = {}, .switch_of = {}};
    const auto draw_places = [&](std::vector<int>& place_of) {
      const std::uint64_t count = 1 + random.below(100);
      for (int i = 0; i < places.rank_count; ++i) {
        place_of.push_back(static_cast<int>(random.below(count)));
      }
    };
    if (random.below(2) == 0) draw_places(places.host_of);
    if (random.below(3) == 0) draw_places(places.switch_of);
    TreeOptions options{.fan_out = 2 + static_cast<int>(random.below(63))};
    if (random.below(3) == 0) {
      options.cluster_size = 1 + static_cast<int>(random.below(options.fan_out));
    }
    if (random.below(2) == 0) options.coordinators = CoordinatorRanks::kDedicated;
    const CoordinationTree tree(places, options);
    expect_sound(tree, options.fan_out);
    expect_places_agree(tree);
    EXPECT_LE(tree.most_children(), options.fan_out);
  }
}

TEST(CoordinationTree, MakesOneClusterOfAHost) {
  const CoordinationTree tree(
      {.rank_count = 64, .host_of = std::vector<int>(64, 3), .switch_of = {}}, {});
  EXPECT_EQ(tree.level_count(), 1);
  EXPECT_EQ(tree.level(1).front().children.size(), 64u);
}

TEST(CoordinationTree, KeepsTheRanksOfAHostTogether) {
  const CoordinationTree tree({.rank_count = 480, .host_of = in_groups_of(6, 480), .switch_of = {}},
                              {});
  EXPECT_EQ(tree.level(1).size(), 15u);
  for (const CoordinatorRole& cluster : tree.level(1)) {
    EXPECT_EQ(cluster.rank.value() % 6, 0);
    EXPECT_EQ(cluster.children.size() % 6, 0u);
  }
}

TEST(CoordinationTree, DividesNoHostThatIsSmallerThanTheFanOut) {
  for (const int host : {6, 7, 24, 33, 64}) {
    for (int count = 1; count < 40; ++count) {
      const CoordinationTree tree({.rank_count = count * host,
                                   .host_of = in_groups_of(host, count * host),
                                   .switch_of = {}},
                                  {});
      for (const CoordinatorRole& cluster : tree.level(1)) {
        EXPECT_EQ(cluster.children.size() % host, 0u) << count << " hosts of " << host;
      }
    }
  }
}

TEST(CoordinationTree, DividesAHostOfMoreRanksThanTheFanOutEvenly) {
  const CoordinationTree tree(
      {.rank_count = 100, .host_of = std::vector<int>(100, 0), .switch_of = {}}, {});
  ASSERT_EQ(tree.level(1).size(), 2u);
  EXPECT_EQ(tree.level(1)[0].children, ranks_from_to(0, 50));
  EXPECT_EQ(tree.level(1)[1].children, ranks_from_to(50, 100));
}

TEST(CoordinationTree, MakesAClusterOfEachLeafSwitchWhateverTheHostsAre) {
  const CoordinationTree tree(
      {.rank_count = 50, .host_of = in_groups_of(25, 50), .switch_of = in_groups_of(10, 50)}, {});
  ASSERT_EQ(tree.level(1).size(), 5u);
  EXPECT_EQ(tree.level(1)[2].children, ranks_from_to(20, 30));
  EXPECT_EQ(tree.level_count(), 2);
}

TEST(CoordinationTree, JoinsHostsOfOneRankToClustersOfTheSquareRoot) {
  const CoordinationTree tree({.rank_count = 1600, .host_of = {}, .switch_of = {}}, {});
  EXPECT_EQ(tree.level(1).size(), 40u);
  for (const CoordinatorRole& cluster : tree.level(1)) EXPECT_EQ(cluster.children.size(), 40u);
}

TEST(CoordinationTree, MakesNoClustersOfFewRanks) {
  EXPECT_EQ(CoordinationTree({.rank_count = 32, .host_of = {}, .switch_of = {}}, {}).level_count(),
            1);
  const CoordinationTree tree({.rank_count = 60, .host_of = {}, .switch_of = {}}, {});
  ASSERT_EQ(tree.level(1).size(), 2u);
  EXPECT_EQ(tree.level(1).front().children, ranks_from_to(0, 30));
}

TEST(CoordinationTree, HasThreeLevelsOverTenThousandRanks) {
  const CoordinationTree tree({.rank_count = 10'000, .host_of = {}, .switch_of = {}}, {});
  EXPECT_EQ(tree.level_count(), 3);
  EXPECT_EQ(tree.level(1).size(), 157u);
  EXPECT_EQ(tree.level(2).size(), 3u);
  EXPECT_EQ(tree.place_of(RankId(0)).roles.size(), 3u);
}

TEST(CoordinationTree, TakesTheClusterSizeItIsGiven) {
  const CoordinationTree tree({.rank_count = 4, .host_of = std::vector<int>(4, 0), .switch_of = {}},
                              {.cluster_size = 2});
  ASSERT_EQ(tree.level(1).size(), 2u);
  EXPECT_EQ(tree.level(1)[1].children, ranks_from_to(2, 4));
}

TEST(CoordinationTree, LetsDedicatedCoordinatorsRunNoTasks) {
  const CoordinationTree tree({.rank_count = 5, .host_of = {}, .switch_of = {}},
                              {.cluster_size = 2, .coordinators = CoordinatorRanks::kDedicated});
  EXPECT_FALSE(tree.runs_tasks(RankId(0)));
  EXPECT_TRUE(tree.runs_tasks(RankId(1)));
  EXPECT_FALSE(tree.runs_tasks(RankId(2)));
  EXPECT_TRUE(tree.runs_tasks(RankId(4))) << "alone in its cluster";
  EXPECT_FALSE(tree.place_of(RankId(1)).leaf_runs_tasks);
}

// Roles of one level share no child, all but those that are out are somebody's child, and each role
// is on its lowest one.
TEST(CoordinationTree, IsATreeOverThoseThatAreLeftWhoeverIsOut) {
  Random random(7, 1);
  for (int round = 0; round < 200; ++round) {
    const int count = 2 + static_cast<int>(random.below(60));
    TreeOptions options{.fan_out = 2 + static_cast<int>(random.below(8))};
    if (random.below(2) == 0) options.coordinators = CoordinatorRanks::kDedicated;
    const CoordinationTree whole({.rank_count = count, .host_of = {}, .switch_of = {}}, options);
    std::set<RankId> out;
    const auto dead = 1 + random.below(static_cast<std::uint64_t>(count) - 1);
    while (out.size() < dead) {
      out.insert(
          RankId(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(count)))));
    }
    const CoordinationTree tree = whole.without(out);
    ASSERT_EQ(tree.level_count(), whole.level_count());
    ASSERT_EQ(tree.level(tree.level_count()).size(), 1U);
    std::set<RankId> below;
    for (int rank = 0; rank < count; ++rank) {
      if (!out.contains(RankId(rank))) below.insert(RankId(rank));
    }
    for (int level = 1; level <= tree.level_count(); ++level) {
      std::set<RankId> children;
      std::set<RankId> roles;
      for (const CoordinatorRole& role : tree.level(level)) {
        EXPECT_EQ(role.rank, role.children.front());
        EXPECT_TRUE(std::ranges::is_sorted(role.children));
        for (const RankId child : role.children) EXPECT_TRUE(children.insert(child).second);
        roles.insert(role.rank);
        const bool is_top = level == tree.level_count();
        EXPECT_EQ(role.parent == kNoRank, is_top);
      }
      EXPECT_EQ(children, below);
      below = roles;
    }
    for (int rank = 0; rank < count; ++rank) {
      if (out.contains(RankId(rank))) continue;
      const TreePlace place = tree.place_of(RankId(rank));
      EXPECT_TRUE(std::ranges::binary_search(place.cluster, RankId(rank)));
      EXPECT_EQ(place.leaf, place.cluster.front());
      EXPECT_EQ(place.roles.empty(), place.leaf != RankId(rank));
    }
  }
}

TEST(CoordinationTree, LetsARankGoOnRunningTasksThatTakesOverARole) {
  const CoordinationTree tree({.rank_count = 6, .host_of = {}, .switch_of = {}},
                              {.cluster_size = 3, .coordinators = CoordinatorRanks::kDedicated});
  const CoordinationTree left = tree.without({RankId(0)});
  EXPECT_EQ(left.place_of(RankId(2)).leaf, RankId(1));
  EXPECT_TRUE(left.runs_tasks(RankId(1)));
  EXPECT_FALSE(left.runs_tasks(RankId(3)));
}

TEST(FlatTree, IsOnTheLowestRankThatIsLeft) {
  const std::set<RankId> out{RankId(0), RankId(2)};
  EXPECT_EQ(flat_tree_place(RankId(3), 4, out).leaf, RankId(1));
  EXPECT_EQ(flat_tree_place(RankId(1), 4, out).roles.front().children,
            (std::vector{RankId(1), RankId(3)}));
  EXPECT_TRUE(flat_tree_place(RankId(3), 4, out).roles.empty());
}

TEST(FlatTree, HasOneCoordinatorForAllRanks) {
  EXPECT_EQ(flat_tree_place(RankId(0), 100).roles.front().children, ranks_from_to(0, 100));
  EXPECT_TRUE(flat_tree_place(RankId(7), 100).roles.empty());
  EXPECT_EQ(flat_tree_place(RankId(7), 100).leaf, RankId(0));
}

}  // namespace
}  // namespace weir
