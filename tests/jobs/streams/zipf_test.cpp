#include "jobs/streams/zipf.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace weir {
namespace {

std::vector<double> shares(const Zipf& zipf, std::uint32_t items, int draws) {
  Random random(5);
  std::vector<double> result(items);
  for (int i = 0; i < draws; ++i) result[zipf.draw(random)] += 1.0 / draws;
  return result;
}

TEST(Zipf, DrawsEachItemAsOftenAsTheLawSays) {
  const std::uint32_t items = 50;
  const int draws = 400'000;
  double total = 0;
  for (std::uint32_t i = 0; i < items; ++i) total += std::pow(i + 1.0, -1.2);
  const auto found = shares(Zipf(items, 1.2), items, draws);
  for (std::uint32_t i = 0; i < items; ++i) {
    const double expected = std::pow(i + 1.0, -1.2) / total;
    EXPECT_NEAR(found[i], expected, 5 * std::sqrt(expected / draws)) << i;
  }
}

TEST(Zipf, IsUniformAtExponentZero) {
  for (const double share : shares(Zipf(10, 0), 10, 100'000)) EXPECT_NEAR(share, 0.1, 0.005);
}

TEST(Zipf, HasOneItemAtLeast) {
  Random random(1);
  EXPECT_EQ(Zipf(1, 1).draw(random), 0u);
}

TEST(ZipfDeathTest, RefusesNoItems) { EXPECT_DEATH(Zipf(0, 1), "over no items"); }

}  // namespace
}  // namespace weir
