#include "tools/experiment/parameter_search.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "runtime/base/random.hpp"

namespace weir {
namespace {

const std::vector<PolicyParameter> kTwo{{"x", 0.9, 0, 1, "first"}, {"n", 2, 1, 9, "second", true}};

// A bowl with its lowest point at x = 0.3, n = 6, and what a seed adds to all of them.
double bowl(const ParameterPoint& point, int seed) {
  const double x = point[0] - 0.3;
  const double n = (point[1] - 6) / 8;
  return 100 + 50 * x * x + 20 * n * n + 5 * std::sin(seed);
}

CandidateCosts counted(int& runs) {
  return [&runs](const std::vector<ParameterPoint>& points, int seed) {
    std::vector<double> costs;
    for (const ParameterPoint& point : points) {
      costs.push_back(bowl(point, seed));
      ++runs;
    }
    return std::optional(costs);
  };
}

TEST(ParameterSearch, ComesCloseToTheLowestPointOfABowl) {
  int runs = 0;
  const auto found = search_parameters(kTwo, {.budget = 80}, counted(runs));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->best[0], 0.3, 0.06);
  EXPECT_NEAR(found->best[1], 6, 1);
  EXPECT_LT(found->cost, found->standard_cost);
}

TEST(ParameterSearch, KeepsToItsBudgetWhateverItIs) {
  for (const int budget : {4, 5, 10, 17, 40, 200}) {
    int runs = 0;
    const auto found = search_parameters(kTwo, {.budget = budget}, counted(runs));
    ASSERT_TRUE(found);
    EXPECT_LE(runs, budget);
    EXPECT_EQ(found->runs, runs);
    EXPECT_LE(found->cost, found->standard_cost);
  }
}

TEST(ParameterSearch, KeepsStandardValuesThatNothingBeats) {
  const std::vector<PolicyParameter> best_already{{"x", 0.3, 0, 1, ""}, {"n", 6, 1, 9, "", true}};
  int runs = 0;
  const auto found = search_parameters(best_already, {.budget = 60}, counted(runs));
  EXPECT_EQ(found->best, (ParameterPoint{0.3, 6}));
  EXPECT_EQ(found->cost, found->standard_cost);
}

TEST(ParameterSearch, StaysInRangeAndAtWholeNumbers) {
  int seen = 0;
  const CandidateCosts costs = [&](const std::vector<ParameterPoint>& points, int) {
    for (const ParameterPoint& point : points) {
      EXPECT_TRUE(point[0] >= 0 && point[0] <= 1);
      EXPECT_TRUE(point[1] >= 1 && point[1] <= 9 && point[1] == std::round(point[1]));
      ++seen;
    }
    // Pushes to the corner.
    std::vector<double> all;
    for (const ParameterPoint& point : points) all.push_back(10 - point[0] - point[1]);
    return std::optional(all);
  };
  const auto found = search_parameters(kTwo, {.budget = 100}, costs);
  EXPECT_GT(seen, 20);
  EXPECT_NEAR(found->best[0], 1, 0.05);
  EXPECT_EQ(found->best[1], 9);
}

TEST(ParameterSearch, RepeatsItselfForASeed) {
  int runs = 0;
  const auto first = search_parameters(kTwo, {.budget = 30, .seed = 3}, counted(runs));
  const auto again = search_parameters(kTwo, {.budget = 30, .seed = 3}, counted(runs));
  EXPECT_EQ(first->best, again->best);
  EXPECT_EQ(first->cost, again->cost);
}

TEST(ParameterSearch, StopsWhenTheCostsStop) {
  const CandidateCosts none = [](const auto&, int) { return std::nullopt; };
  EXPECT_FALSE(search_parameters(kTwo, {.budget = 30}, none));
}

}  // namespace
}  // namespace weir
