#include "ml/inference/naive_forecasts.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace weir {
namespace {

void feed(PointForecaster& forecaster, std::initializer_list<double> counts) {
  for (const double count : counts) forecaster.update(count);
}

TEST(LastValue, ForecastsTheLastCountForEveryHorizon) {
  LastValue last;
  feed(last, {4, 9});
  EXPECT_EQ(last.forecast(1), 9);
  EXPECT_EQ(last.forecast(60), 9);
}

TEST(Ewma, MovesAShareOfTheWayToEachCount) {
  Ewma ewma(0.25);
  feed(ewma, {8, 12, 1});
  EXPECT_DOUBLE_EQ(ewma.forecast(5), 7);  // 8, then 9, then 7
}

TEST(SeasonalNaive, RepeatsTheLastSeason) {
  SeasonalNaive seasonal(3);
  feed(seasonal, {9, 9, 9, 1, 2, 3});
  EXPECT_EQ(seasonal.forecast(1), 1);
  EXPECT_EQ(seasonal.forecast(2), 2);
  EXPECT_EQ(seasonal.forecast(3), 3);
  EXPECT_EQ(seasonal.forecast(7), 1);
}

TEST(SeasonalNaive, IsTheLastValueUntilASeasonHasPassed) {
  SeasonalNaive seasonal(3);
  feed(seasonal, {5, 6});
  EXPECT_EQ(seasonal.forecast(1), 6);
}

TEST(HoltWinters, KnowsASeasonThatRepeatsExactly) {
  HoltWinters winters({.period = 4});
  for (int i = 0; i < 5; ++i) feed(winters, {10, 20, 30, 40});
  EXPECT_NEAR(winters.forecast(1), 10, 1e-9);
  EXPECT_NEAR(winters.forecast(4), 40, 1e-9);
}

TEST(HoltWinters, FollowsATrendAndDampsIt) {
  HoltWinters winters({.period = 1, .level_weight = 0.5, .trend_weight = 0.3});
  for (int i = 0; i < 300; ++i) winters.update(10.0 * i);
  EXPECT_GT(winters.forecast(5), 2990 + 10);
  EXPECT_LT(winters.forecast(60), 2990 + 600);
}

TEST(HoltWinters, IsTheMeanUntilASeasonHasPassed) {
  HoltWinters winters({.period = 4});
  feed(winters, {10, 20});
  EXPECT_DOUBLE_EQ(winters.forecast(3), 15);
}

TEST(NaiveForecasts, AreKnownByTheirNames) {
  EXPECT_EQ(NaiveForecasts::position_of("ewma"), NaiveForecasts::kEwma);
  EXPECT_EQ(NaiveForecasts::position_of("holt_winters"), NaiveForecasts::kHoltWinters);
  EXPECT_FALSE(NaiveForecasts::position_of("oracle"));
}

TEST(NaiveForecasts, GiveEachItsOwnForecast) {
  NaiveForecasts naive;
  for (int i = 0; i < 120; ++i) naive.update(i % 60 == 0 ? 100 : 0);
  EXPECT_EQ(naive.forecast(NaiveForecasts::kLastValue, 1), 0);
  EXPECT_EQ(naive.forecast(NaiveForecasts::kSeasonalNaive, 1), 100);
  EXPECT_NEAR(naive.forecast(NaiveForecasts::kHoltWinters, 1), 100, 15);
}

}  // namespace
}  // namespace weir
