#include "runtime/policy/genetic_algorithm_policy.hpp"

#include <gtest/gtest.h>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

// Nodes that are each four times as fast for one class as for the other.
ClusterInput specialists() {
  return cluster_of(
      {{.cores = 4, .mean_service_s = {0.1, 0.4}}, {.cores = 4, .mean_service_s = {0.4, 0.1}}});
}

int placed_at_first(GeneticAlgorithmPolicy& policy, std::uint8_t task_class, int placements) {
  int count = 0;
  for (int i = 0; i < placements; ++i) {
    count += policy.place(task_of_class(task_class), specialists().view()) == RankId(0) ? 1 : 0;
    policy.place(task_of_class(1 - task_class), specialists().view());
  }
  return count;
}

TEST(GeneticAlgorithmPolicy, FindsThatClassesBelongWhereTheyAreServedFast) {
  GeneticAlgorithmPolicy policy({}, Random(4));
  placed_at_first(policy, 0, 4000);
  EXPECT_GT(placed_at_first(policy, 0, 1000), 850);
  EXPECT_LT(placed_at_first(policy, 1, 1000), 150);
}

TEST(GeneticAlgorithmPolicy, RepeatsItselfForASeed) {
  GeneticAlgorithmPolicy one({}, Random(4)), same({}, Random(4)), other({}, Random(5));
  const std::vector<int> chosen = choices(one, specialists(), 300);
  EXPECT_EQ(choices(same, specialists(), 300), chosen);
  EXPECT_NE(choices(other, specialists(), 300), chosen);
}

}  // namespace
}  // namespace weir
