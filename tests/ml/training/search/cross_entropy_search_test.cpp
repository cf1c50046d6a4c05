#include "ml/training/search/cross_entropy_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/base/random.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using Values = std::vector<double>;
using Points = std::vector<SearchPoint>;

// Smallest, 0, where parameter i is 1 + i / 10; the parameters matter 1 to 20 times as much.
double bowl(const SearchPoint& point) {
  double value = 0;
  for (std::size_t i = 0; i < point.size(); ++i) {
    const double place = static_cast<double>(i);
    value += (1 + place) * std::pow(point[i] - 1 - place / 10, 2);
  }
  return value;
}

Values bowls(const Points& points) {
  Values values;
  for (const SearchPoint& point : points) values.push_back(bowl(point));
  return values;
}

CrossEntropyState start(std::size_t parameters) {
  return start_search(SearchPoint(parameters, 0.0), SearchPoint(parameters, 1.0));
}

TEST(CrossEntropySearch, FindsTheBottomOfABowlOfTwentyParameters) {
  const CrossEntropyOptions options{.population = 60, .elites = 12};
  const auto end = search_by_cross_entropy(start(20), options, 80, [](const Points& points, auto) {
    return std::optional(bowls(points));
  });
  EXPECT_LT(bowl(end.mean), 1e-3);
  EXPECT_EQ(end.generation, 80U);
}

TEST(CrossEntropySearch, MaximizesTheOppositeOnTheSamePath) {
  const auto down = search_by_cross_entropy(
      start(3), {}, 10, [](const Points& points, auto) { return std::optional(bowls(points)); });
  const auto up =
      search_by_cross_entropy(start(3), {.maximize = true}, 10, [](const Points& points, auto) {
        Values values = bowls(points);
        for (double& value : values) value = -value;
        return std::optional(values);
      });
  EXPECT_EQ(up, down);
}

// A scorer of the simulator: luck far larger than what a candidate changes, the same for all
// candidates of a generation.
TEST(CrossEntropySearch, IsNotLedAstrayByLuckThatAllCandidatesShare) {
  const auto end =
      search_by_cross_entropy(start(3), {}, 40, [](const Points& points, std::uint64_t generation) {
        Values values = bowls(points);
        for (double& value : values) value += 1000 * Random(5, generation).normal();
        return std::optional(values);
      });
  EXPECT_LT(bowl(end.mean), 1e-3);
}

TEST(CrossEntropySearch, FindsTheBottomThroughNoiseOfEachCandidateItsOwn) {
  Random noise(3);
  const CrossEntropyOptions options{.population = 60, .elites = 20, .noise_decay = 0.97};
  const auto end = search_by_cross_entropy(start(3), options, 100, [&](const Points& points, auto) {
    Values values = bowls(points);
    for (double& value : values) value += 0.2 * noise.normal();
    return std::optional(values);
  });
  EXPECT_LT(bowl(end.mean), 0.1);
}

TEST(CrossEntropySearch, BecomesTheMeanAndTheDeviationOfItsElites) {
  const CrossEntropyOptions options{.population = 4, .elites = 2, .extra_noise = 0};
  Points seen;
  const auto end =
      search_by_cross_entropy(start_search({5}, {2}), options, 1, [&](const Points& points, auto) {
        seen = points;
        return std::optional(Values{3, 9, 1, 7, 2});  // The third and the last are best.
      });
  EXPECT_DOUBLE_EQ(end.mean[0], (seen[2][0] + seen[4][0]) / 2);
  EXPECT_NEAR(end.deviation[0], std::abs(seen[2][0] - seen[4][0]) / 2, 1e-12);
}

TEST(CrossEntropySearch, ShowsTheMeanFirstAndThenPairsOnOppositeSides) {
  const CrossEntropyOptions options{.population = 6, .elites = 3};
  search_by_cross_entropy(
      start_search({5, -1}, {2, 1}), options, 3, [&](const Points& points, auto) {
        EXPECT_EQ(points.size(), 7U);
        for (std::size_t i = 1; i < points.size(); i += 2) {
          for (const int p : {0, 1}) {
            EXPECT_NEAR((points[i][p] + points[i + 1][p]) / 2, points[0][p], 1e-12);
          }
        }
        return std::optional(bowls(points));
      });
}

// On a slope the elites are all on one side, and the deviation shrinks faster than the mean moves:
// without extra noise the search stops a few deviations from where it began.
TEST(CrossEntropySearch, GoesFartherDownASlopeWithExtraNoise) {
  const auto slope = [](const Points& points, auto) {
    Values values;
    for (const SearchPoint& point : points) values.push_back(std::abs(point[0] - 30));
    return std::optional(values);
  };
  const auto without = search_by_cross_entropy(start(1), {.extra_noise = 0}, 100, slope);
  const auto with =
      search_by_cross_entropy(start(1), {.extra_noise = 1, .noise_decay = 0.97}, 100, slope);
  EXPECT_GT(std::abs(without.mean[0] - 30), 10);
  EXPECT_LT(std::abs(with.mean[0] - 30), 0.5);
}

TEST(CrossEntropySearch, TakesWhatIsNotFiniteForTheWorst) {
  for (const bool maximize : {false, true}) {
    const CrossEntropyOptions options{.population = 2, .elites = 1, .maximize = maximize};
    Points seen;
    const auto end = search_by_cross_entropy(start(1), options, 1, [&](const Points& points, auto) {
      seen = points;
      const double infinity = std::numeric_limits<double>::infinity();
      return std::optional(Values{std::nan(""), maximize ? infinity : -infinity, 4});
    });
    EXPECT_EQ(end.mean, seen[2]);
  }
}

TEST(CrossEntropySearch, EndsWithTheLastWholeGenerationWhenItIsToStop) {
  int calls = 0;
  const auto values = [&](const Points& points, auto) -> std::optional<Values> {
    if (++calls == 4) return std::nullopt;
    return bowls(points);
  };
  const auto stopped = search_by_cross_entropy(start(2), {}, 10, values);
  calls = 10;
  EXPECT_EQ(stopped, search_by_cross_entropy(start(2), {}, 3, values));
}

TEST(CrossEntropySearch, GoesOnFromAFileAsIfItHadNeverStopped) {
  const ScratchFolder folder;
  const auto values = [](const Points& points, auto) { return std::optional(bowls(points)); };
  save_search(search_by_cross_entropy(start(4), {}, 5, values), folder / "search.h5");
  const auto resumed = search_by_cross_entropy(load_search(folder / "search.h5"), {}, 5, values);
  EXPECT_EQ(resumed, search_by_cross_entropy(start(4), {}, 10, values));
}

TEST(CrossEntropySearch, RefusesAFileThatIsNoSearch) {
  const ScratchFolder folder;
  EXPECT_NE(refusal([&] { load_search(folder / "missing.h5"); }), kNothingRefused);
  EXPECT_NE(refusal([&] { save_search(start(1), folder / "missing" / "search.h5"); }),
            kNothingRefused);
  save_search({.mean = {1, 2}, .deviation = {1}}, folder / "half.h5");
  const std::string report = refusal([&] { load_search(folder / "half.h5"); });
  EXPECT_NE(report.find("the search cannot be resumed"), std::string::npos) << report;
}

}  // namespace
}  // namespace weir
