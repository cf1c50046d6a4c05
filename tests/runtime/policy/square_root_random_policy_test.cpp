#include "runtime/policy/square_root_random_policy.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "tests/support/policy_inputs.hpp"

namespace weir {
namespace {

std::vector<double> split(std::vector<double> capacities, double load) {
  split_by_square_roots(capacities, load);
  return capacities;
}

TEST(SquareRootRandomPolicy, SplitsAsTheTextbookDoes) {
  const std::vector<double> rates = split({2, 1}, .8);
  EXPECT_NEAR(rates[0], 1.648528, 1e-6);
  EXPECT_NEAR(rates[1], .751472, 1e-6);
  // Mean response of the two M/M/1 queues.
  const double mean = (rates[0] / (2 - rates[0]) + rates[1] / (1 - rates[1])) / 2.4;
  EXPECT_NEAR(mean, 3.214186, 1e-6);
}

TEST(SquareRootRandomPolicy, LeavesOutNodesThatAreTooSlowForTheLoad) {
  const std::vector<double> rates = split({1, 16, 0, 1}, .1);
  EXPECT_NEAR(rates[1], 1.8, 1e-9);
  EXPECT_EQ(rates[0] + rates[2] + rates[3], 0);
}

// At the optimum one more task costs the same at every node that is used, and more at the others:
// d/dr of r / (m - r) is m / (m - r)^2.
TEST(SquareRootRandomPolicy, LeavesNothingToGainByMovingTasks) {
  const std::vector<double> capacities{3, .5, 1, 2, 8, 1};
  for (const double load : {.05, .3, .6, .9, .99}) {
    const std::vector<double> rates = split(capacities, load);
    EXPECT_NEAR(std::accumulate(rates.begin(), rates.end(), 0.0), load * 15.5, 1e-9);
    const auto price = [&](std::size_t i) {
      return capacities[i] / ((capacities[i] - rates[i]) * (capacities[i] - rates[i]));
    };
    for (std::size_t i = 0; i < rates.size(); ++i) {
      if (rates[i] > 0) {
        EXPECT_NEAR(price(i), price(4), 1e-9 * price(4)) << load << ", node " << i;
      } else {
        EXPECT_GE(price(i), price(4)) << load << ", node " << i;
      }
    }
  }
}

TEST(SquareRootRandomPolicy, DrawsNodesByTheSplit) {
  SquareRootRandomPolicy policy(.8, Random(4));
  constexpr int kPlacements = 40000;
  const ClusterInput cluster = cluster_of({{.speed = 2}, {.cores = 0}, {}});
  const std::vector<int> chosen = count_choices(policy, cluster, kPlacements);
  EXPECT_NEAR(chosen[0], kPlacements * 1.648528 / 2.4, 400);
  EXPECT_EQ(chosen[1], 0);
}

}  // namespace
}  // namespace weir
