#include "topology/distance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "topology/synthetic.hpp"

namespace weir {
namespace {

TEST(Distance, GrowsFromCacheToDomainToPackage) {
  const Machine machine = synthetic_machine("package:2 numa:2 l3:2 l2:2 core:2");
  const auto from_first = [&](int core) { return core_distance(machine, 0, core); };
  EXPECT_EQ(from_first(0), 0);
  EXPECT_EQ(from_first(1), 0);              // One L2 cache.
  EXPECT_LT(from_first(1), from_first(2));  // One L3 cache.
  EXPECT_LT(from_first(2), from_first(4));  // One domain.
  EXPECT_LT(from_first(4), from_first(8));  // One package.
  EXPECT_LT(from_first(8), from_first(16));
  EXPECT_EQ(core_distance(machine, 16, 0), from_first(16));
}

TEST(Distance, FollowsTheMatrixOfTheDomainsWhereThereIsOne) {
  Machine machine = synthetic_machine("numa:3 core:1");
  machine.numa[0].distances = {10, 32, 16};
  machine.numa[1].distances = {32, 10, 25};
  machine.numa[2].distances = {16, 25, 10};
  EXPECT_LT(core_distance(machine, 0, 2), core_distance(machine, 0, 1));
  const auto order = steal_order(machine, divide(machine, 1)[0]);
  EXPECT_EQ(order[0], (std::vector<int>{2, 1}));
  EXPECT_EQ(order[1], (std::vector<int>{2, 0}));
}

TEST(StealOrder, NamesEveryOtherWorkerOnceNearestFirst) {
  const Machine machine = synthetic_machine("package:2 numa:2 l3:2 core:3 pu:2");
  for (const int parts : {1, 2, 5}) {
    for (const NodeShare& share : divide(machine, parts)) {
      const auto order = steal_order(machine, share);
      ASSERT_EQ(order.size(), share.workers.size());
      for (int thief = 0; thief < static_cast<int>(order.size()); ++thief) {
        std::vector<int> everyone = order[thief];
        everyone.push_back(thief);
        std::ranges::sort(everyone);
        std::vector<int> expected(share.workers.size());
        std::iota(expected.begin(), expected.end(), 0);
        EXPECT_EQ(everyone, expected);
        const auto distance = [&](int victim) {
          return core_distance(machine, share.workers[thief].core, share.workers[victim].core);
        };
        EXPECT_TRUE(std::ranges::is_sorted(order[thief], {}, distance));
      }
    }
  }
}

TEST(MemoryDomains, NumberThoseOfTheSharesOwnWorkers) {
  const Machine machine = synthetic_machine("package:2 numa:2 l3:1 core:3 pu:1");
  const NodeShare whole = divide(machine, 1)[0];
  EXPECT_EQ(memory_domains(machine, whole, 12),
            (std::vector<int>{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}));
  EXPECT_EQ(memory_domains(machine, whole, 4), (std::vector<int>{0, 0, 0, 1}));
  EXPECT_EQ(memory_domains(machine, whole, 14).back(), 0) << "two workers more than cores";
  const NodeShare second_half = divide(machine, 2)[1];
  EXPECT_EQ(memory_domains(machine, second_half, 6), (std::vector<int>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(
      memory_domains(synthetic_machine("core:3"), divide(synthetic_machine("core:3"), 1)[0], 3),
      (std::vector<int>{0, 0, 0}));
}

TEST(StealOrder, SpreadsThievesOverEquallyNearVictims) {
  const Machine machine = synthetic_machine("core:5");
  const auto order = steal_order(machine, divide(machine, 1)[0]);
  EXPECT_EQ(order[0], (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(order[3], (std::vector<int>{4, 0, 1, 2}));
}

TEST(StealOrder, IsEmptyForALonelyWorker) {
  const Machine machine = synthetic_machine("core:1");
  const auto order = steal_order(machine, divide(machine, 1)[0]);
  ASSERT_EQ(order.size(), 1U);
  EXPECT_TRUE(order[0].empty());
}

}  // namespace
}  // namespace weir
