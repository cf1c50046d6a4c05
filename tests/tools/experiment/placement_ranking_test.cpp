#include "tools/experiment/placement_ranking.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace weir {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Nodes with so many tasks of the home each.
RecordedPlacement placement_among(const std::vector<std::uint32_t>& tasks) {
  RecordedPlacement placement;
  for (const std::uint32_t count : tasks) {
    RecordedNode node;
    node.view.rank = RankId(static_cast<std::int32_t>(placement.nodes.size()));
    node.view.own_in_flight = count;
    placement.nodes.push_back(node);
  }
  return placement;
}

const Quantity kTasks{"own", [](const RecordedPlacement&, const RecordedNode& node) {
                        return static_cast<double>(node.view.own_in_flight);
                      }};
// Only nodes without tasks are in question, the last one first.
const Quantity kIdle{"idle", [](const RecordedPlacement&, const RecordedNode& node) {
                       return node.view.own_in_flight > 0 ? kInfinity : -node.view.rank.value();
                     }};

using Places = std::vector<std::size_t>;

TEST(PlacementRanking, HasTheLeastFirstAndTheLowerRankWhereNodesAreEqual) {
  const std::vector<Quantity> quantities{kTasks};
  EXPECT_EQ(ranking_of(placement_among({5, 2, 9, 2}), quantities), (Places{1, 3, 0, 2}));
}

TEST(PlacementRanking, AsksTheNextQuantityOnlyOfNodesThatAreNotInQuestionByTheFirst) {
  const std::vector<Quantity> quantities{kIdle, kTasks};
  EXPECT_EQ(ranking_of(placement_among({5, 0, 2, 0}), quantities), (Places{3, 1, 2, 0}));
}

TEST(PlacementRanking, HasNodesThatTakeNoTasksLast) {
  RecordedPlacement placement = placement_among({0, 7, 3});
  placement.nodes[0].view.cores = 0;
  const std::vector<Quantity> quantities{kTasks};
  EXPECT_EQ(value_of(kTasks, placement, placement.nodes[0]), kInfinity);
  EXPECT_EQ(ranking_of(placement, quantities), (Places{2, 1, 0}));
}

TEST(PlacementRanking, IsTheOrderOfTheRanksWhereARuleComparesNothing) {
  EXPECT_EQ(ranking_of(placement_among({5, 2, 9}), {}), (Places{0, 1, 2}));
}

}  // namespace
}  // namespace weir
