#include "ml/training/experience/curriculum.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace weir {
namespace {

TEST(Curriculum, DrawsAllScenariosAlikeBeforeAnythingIsKnown) {
  const Curriculum curriculum({"stale", "drift", "bursts", "affinity"});
  for (std::size_t i = 0; i < 4; ++i) EXPECT_DOUBLE_EQ(curriculum.probability(i), 0.25);
}

TEST(Curriculum, SharesWhatIsNotTheFloorInProportionToHowMuchWorseTheLearnerIs) {
  Curriculum curriculum({"stale", "drift", "bursts"}, {.floor = 0.3});
  curriculum.report(0, 0.110, 0.100);  // 10 % worse
  curriculum.report(1, 0.130, 0.100);  // 30 % worse
  curriculum.report(2, 0.090, 0.100);  // better
  EXPECT_NEAR(curriculum.probability(0), 0.1 + 0.7 * 0.25, 1e-12);
  EXPECT_NEAR(curriculum.probability(1), 0.1 + 0.7 * 0.75, 1e-12);
  EXPECT_NEAR(curriculum.probability(2), 0.1, 1e-12);
}

TEST(Curriculum, DrawsAllAlikeOnceTheLearnerIsWorseNowhere) {
  Curriculum curriculum({"stale", "drift"});
  curriculum.report(0, 0.9, 1);
  curriculum.report(1, 0.5, 1);
  EXPECT_DOUBLE_EQ(curriculum.probability(0), 0.5);
}

TEST(Curriculum, TakesAScenarioThatNobodyJudgedForTheWorst) {
  Curriculum curriculum({"stale", "drift", "bursts"});
  curriculum.report(0, 1.1, 1);
  curriculum.report(1, 1.2, 1);
  EXPECT_DOUBLE_EQ(curriculum.probability(2), curriculum.probability(1));
}

TEST(Curriculum, FollowsNewResultsByItsStep) {
  Curriculum curriculum({"stale"}, {.step = 0.25});
  curriculum.report(0, 1.4, 1);
  curriculum.report(0, 1.0, 1);
  EXPECT_NEAR(curriculum.gaps()[0], 0.3, 1e-12);
}

TEST(Curriculum, DrawsAsOftenAsItsProbabilitiesSay) {
  Curriculum curriculum({"stale", "drift", "bursts"});
  curriculum.report(0, 1.05, 1);
  curriculum.report(1, 1.20, 1);
  curriculum.report(2, 0.80, 1);
  constexpr int kDraws = 20'000;
  std::array<int, 3> drawn{};
  Random random(1);
  for (int i = 0; i < kDraws; ++i) ++drawn[curriculum.draw(random)];
  for (std::size_t i = 0; i < 3; ++i) {
    const double p = curriculum.probability(i);
    EXPECT_NEAR(drawn[i], kDraws * p, 4 * std::sqrt(kDraws * p * (1 - p)));
  }
}

TEST(Curriculum, GoesOnFromItsGaps) {
  Curriculum first({"stale", "drift"});
  first.report(1, 1.3, 1);
  Curriculum second({"stale", "drift"});
  second.set_gaps(first.gaps());
  EXPECT_DOUBLE_EQ(second.probability(0), first.probability(0));
}

TEST(CurriculumDeathTest, RefusesCostsThatCannotBeCompared) {
  Curriculum curriculum({"stale"});
  EXPECT_DEATH(curriculum.report(0, 1, 0), "cannot be compared");
}

}  // namespace
}  // namespace weir
