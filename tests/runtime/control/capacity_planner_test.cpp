#include "runtime/control/capacity_planner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Says the same of every class: this much from so many seconds ahead on, and nothing before.
class StepForecaster final : public DemandForecaster {
 public:
  explicit StepForecaster(double arrivals, double from_s = 0)
      : arrivals_(arrivals), from_s_(from_s) {}

  void on_bin(std::span<const ArrivalBin> by_class) override {
    newest_.assign(by_class.begin(), by_class.end());
  }
  ArrivalForecast forecast(ClassId, double ahead_s) const override {
    const double arrivals = ahead_s >= from_s_ ? arrivals_ : 0;
    return {arrivals, arrivals};
  }

  const std::vector<ArrivalBin>& newest() const { return newest_; }

 private:
  double arrivals_;
  double from_s_;
  std::vector<ArrivalBin> newest_;
};

// One class, of tasks that cost half a second; a hundred units of capacity.
class Cluster {
 public:
  explicit Cluster(const CapacityPlannerOptions& options, DemandForecaster* forecaster = nullptr,
                   CapacityAdviser* adviser = nullptr)
      : planner_(options, forecaster, adviser) {
    sums_.installed = 100;
    sums_.classes.resize(1);
  }

  // So many seconds with so many arrivals each, all served at once. What is wanted in the end.
  double live(int seconds, std::uint64_t arrivals, std::uint64_t waiting = 0) {
    double wanted = 0;
    for (int second = 0; second < seconds; ++second) {
      sums_.classes[0].submitted += arrivals;
      sums_.classes[0].served += arrivals;
      sums_.classes[0].work_s += 0.5 * static_cast<double>(arrivals);
      sums_.classes[0].in_flight = waiting;
      wanted = planner_.plan(sums_);
    }
    return wanted;
  }
  CapacityReport& sums() { return sums_; }

 private:
  CapacityPlanner planner_;
  CapacityReport sums_;
};

CapacityPlannerOptions without_delay(double headroom = 0) {
  return {.headroom = headroom, .warm_up = 5s, .park_after = 0s, .smoothing = 1};
}

TEST(CapacityPlanner, KeepsEverythingOnUntilItKnowsTheLoad) {
  Cluster cluster(without_delay());
  EXPECT_EQ(cluster.live(CapacityPlanner::kSecondsToLearn, 20), 100);
  EXPECT_NEAR(cluster.live(1, 20), 10, 1e-9);
}

TEST(CapacityPlanner, AddsHeadRoomToTheWorkThatArrives) {
  Cluster cluster(without_delay(0.5));
  EXPECT_NEAR(cluster.live(20, 20), 15, 1e-9);
}

TEST(CapacityPlanner, AddsWhatWorksOffWhatWaits) {
  Cluster cluster(without_delay());
  // Fifty tasks of half a second, in five seconds.
  EXPECT_NEAR(cluster.live(20, 20, 50), 10 + 5, 1e-9);
}

TEST(CapacityPlanner, WantsNoMoreThanThereIs) {
  Cluster cluster(without_delay());
  EXPECT_EQ(cluster.live(20, 1'000), 100);
}

TEST(CapacityPlanner, SmoothsWhatHasArrived) {
  CapacityPlannerOptions options = without_delay();
  options.smoothing = 0.5;
  Cluster cluster(options);
  cluster.live(30, 20);
  EXPECT_NEAR(cluster.live(1, 40), 15, 1e-6);
}

TEST(CapacityPlanner, KeepsOnWhatWasNeededWithinTheTimeToPark) {
  CapacityPlannerOptions options = without_delay();
  options.park_after = 4s;
  Cluster cluster(options);
  cluster.live(20, 40);
  EXPECT_NEAR(cluster.live(4, 20), 20, 1e-9);
  EXPECT_NEAR(cluster.live(1, 20), 10, 1e-9);
}

TEST(CapacityPlanner, CallsBackForWhatIsForeseenUntilANodeIsWarm) {
  StepForecaster after_warm_up(40, 6);
  Cluster foreseeing(without_delay(), &after_warm_up);
  EXPECT_NEAR(foreseeing.live(40, 20), 20, 1e-9);

  StepForecaster later(40, 7);
  Cluster waiting(without_delay(), &later);
  EXPECT_NEAR(waiting.live(40, 20), 10, 1e-9) << "what is called back a second later is in time";
}

TEST(CapacityPlanner, ParksNothingThatWillBeNeededBeforeItPays) {
  StepForecaster again(60, 14);  // Two warm-ups after the first.
  Cluster cluster(without_delay(), &again);
  cluster.live(CapacityPlanner::kSecondsToForecast, 60);
  EXPECT_NEAR(cluster.live(5, 30), 30, 1e-9);
}

TEST(CapacityPlanner, GoesByWhatHasArrivedUntilForecastsCount) {
  StepForecaster more(40);
  Cluster cluster(without_delay(), &more);
  EXPECT_NEAR(cluster.live(CapacityPlanner::kSecondsToForecast, 20), 10, 1e-9);
  EXPECT_NEAR(cluster.live(1, 20), 20, 1e-9);
}

TEST(CapacityPlanner, BelievesNoForecastThatIsNoNumberOrFarFromWhatHasArrived) {
  constexpr double kArrived = 10;  // worker seconds per second
  const double infinite = std::numeric_limits<double>::infinity();
  const double no_number = std::numeric_limits<double>::quiet_NaN();
  struct Case {
    double forecast;
    double wanted;
  };
  for (const auto& [forecast, wanted] :
       {Case{no_number, kArrived}, Case{infinite, kArrived}, Case{-infinite, kArrived},
        Case{1e12, CapacityPlanner::kMostRise * kArrived},
        Case{0, CapacityPlanner::kMostFall * kArrived},
        Case{-1e12, CapacityPlanner::kMostFall * kArrived}}) {
    StepForecaster forecaster(forecast);
    Cluster cluster(without_delay(), &forecaster);
    EXPECT_NEAR(cluster.live(60, 20), wanted, 1e-6) << forecast;
  }
}

TEST(CapacityPlanner, TellsTheForecasterWhatEachSecondHasBroughtAndWhatIsAnnounced) {
  StepForecaster forecaster(20);
  Cluster cluster(without_delay(), &forecaster);
  cluster.live(3, 20);
  cluster.sums().classes[0].event_in_s = 12.5;
  cluster.live(1, 35);
  ASSERT_EQ(forecaster.newest().size(), 1U);
  EXPECT_EQ(forecaster.newest()[0].count, 35);
  EXPECT_EQ(forecaster.newest()[0].event_in_s, 12.5);
}

// A part of the tree that was silent counts again all at once, and one that is lost not at all.
TEST(CapacityPlanner, TakesFewerCountsThanBeforeForNone) {
  StepForecaster forecaster(20);
  Cluster cluster(without_delay(), &forecaster);
  cluster.live(20, 20);
  cluster.sums().classes[0].submitted -= 100;
  EXPECT_EQ(cluster.live(1, 0), 0);
  EXPECT_EQ(forecaster.newest()[0].count, 0);
}

// Says always the same, and notes what it was shown.
class FixedAdviser final : public CapacityAdviser {
 public:
  explicit FixedAdviser(double factor) : factor_(factor) {}
  double factor(const CapacityView& view) override {
    newest = view;
    ++asked;
    return factor_;
  }
  CapacityView newest;
  int asked = 0;

 private:
  double factor_;
};

TEST(CapacityPlanner, MultipliesWhatItWantsByWhatAnAdviserSays) {
  FixedAdviser more(1.25);
  Cluster cluster(without_delay(), nullptr, &more);
  EXPECT_NEAR(cluster.live(CapacityPlanner::kSecondsToForecast, 20), 10, 1e-9) << "not at once";
  EXPECT_EQ(more.asked, 0);
  EXPECT_NEAR(cluster.live(10, 20), 12.5, 1e-9);
  EXPECT_EQ(more.asked, 10);
  EXPECT_NEAR(more.newest.wanted, 10, 1e-9);
  EXPECT_NEAR(more.newest.recent_work, 10, 1e-9);
  EXPECT_EQ(more.newest.installed, 100);
  EXPECT_NEAR(more.newest.forecast[0].high, 10, 1e-9) << "without a forecast what arrives of late";
  EXPECT_EQ(cluster.live(10, 180), 100) << "no more than there is";
}

TEST(CapacityPlanner, HeedsNoFactorThatIsNotANumberOrOutOfBounds) {
  for (const double insane :
       {std::nan(""), std::numeric_limits<double>::infinity(), -1.0, 0.0, 0.5, 2.0}) {
    FixedAdviser adviser(insane);
    Cluster cluster(without_delay(), nullptr, &adviser);
    EXPECT_NEAR(cluster.live(50, 20), 10, 1e-9) << insane;
  }
}

TEST(CapacityPlanner, ShowsAnAdviserWhatIsForecast) {
  StepForecaster later(40, 6);
  FixedAdviser adviser(1);
  Cluster cluster(without_delay(), &later, &adviser);
  cluster.live(40, 20);
  // At 1, 3, 6, 11 and 16 seconds; no less than half of what arrives is believed.
  EXPECT_NEAR(adviser.newest.forecast[1].median, 5, 1e-9);
  EXPECT_NEAR(adviser.newest.forecast[2].median, 20, 1e-9);
}

}  // namespace
}  // namespace weir
