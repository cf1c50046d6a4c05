#include "runtime/control/foretold_arrivals.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

// Says what it is told to, and keeps what it hears.
struct Script {
  double median = 0;
  std::vector<std::vector<double>> bins;  // by second, then by class
  mutable double asked_ahead_s = 0;
};

class ScriptedForecaster final : public DemandForecaster {
 public:
  explicit ScriptedForecaster(Script& script) : script_(script) {}
  void on_bin(std::span<const ArrivalBin> by_class) override {
    auto& bin = script_.bins.emplace_back();
    for (const ArrivalBin& of_class : by_class) bin.push_back(of_class.count);
  }
  ArrivalForecast forecast(ClassId task_class, double ahead_s) const override {
    script_.asked_ahead_s = ahead_s;
    if (task_class == ClassId(1)) return {std::numeric_limits<double>::quiet_NaN(), 0};
    return {script_.median, script_.median};
  }

 private:
  Script& script_;
};

// A coordinator that plans every tenth of a second, and measures 100 and 50 tasks a second.
struct Planning {
  Script script;
  ForetoldArrivals arrivals{std::make_unique<ScriptedForecaster>(script)};

  std::vector<double> plan(double at_s) {
    std::vector<double> rates{100, 50};
    const std::vector<double> arrived{100 * at_s, 50 * at_s};
    arrivals.foretell(arrived, Instant(from_seconds(at_s)), rates);
    return rates;
  }
  void plan_until(int end_s) {
    for (int tenth = 0; tenth <= 10 * end_s; ++tenth) plan(0.1 * tenth);
  }
};

TEST(ForetoldArrivals, TellsTheForecasterOfEverySecondThatHasEnded) {
  Planning planning;
  planning.plan(3);  // what came before nobody has seen
  planning.plan(3.4);
  planning.plan(3.9);
  EXPECT_TRUE(planning.script.bins.empty());
  planning.plan(4.1);
  ASSERT_EQ(planning.script.bins.size(), 1U);
  EXPECT_NEAR(planning.script.bins[0][0], 100, 1e-6);
  EXPECT_NEAR(planning.script.bins[0][1], 50, 1e-6);
}

TEST(ForetoldArrivals, SpreadsACountThatComesLateOverTheTimeSinceTheLast) {
  Planning planning;
  planning.plan(0);
  planning.plan(5.5);
  ASSERT_EQ(planning.script.bins.size(), 5U);
  for (const auto& bin : planning.script.bins) EXPECT_NEAR(bin[0], 100, 1e-6);
  planning.plan(6);
  ASSERT_EQ(planning.script.bins.size(), 6U);
  EXPECT_NEAR(planning.script.bins[5][0], 100, 1e-6);
}

TEST(ForetoldArrivals, PlansForTheMedianOfTheSecondThatBegins) {
  Planning planning{.script = {.median = 150}};
  planning.plan_until(ForetoldArrivals::kSecondsToForecast);
  const std::vector<double> rates = planning.plan(ForetoldArrivals::kSecondsToForecast + 0.25);
  EXPECT_EQ(rates[0], 150);
  EXPECT_NEAR(planning.script.asked_ahead_s, 1.25, 1e-6);
}

TEST(ForetoldArrivals, GoesByWhatIsMeasuredUntilItHasSeenEnough) {
  Planning planning{.script = {.median = 150}};
  planning.plan_until(ForetoldArrivals::kSecondsToForecast - 1);
  EXPECT_EQ(planning.plan(ForetoldArrivals::kSecondsToForecast - 0.5),
            (std::vector<double>{100, 50}));
  EXPECT_EQ(planning.arrivals.counts().foretold, 0U);
}

TEST(ForetoldArrivals, GoesByWhatIsMeasuredWhereTheForecastIsNoNumber) {
  Planning planning{.script = {.median = std::numeric_limits<double>::infinity()}};
  planning.plan_until(ForetoldArrivals::kSecondsToForecast + 1);
  EXPECT_EQ(planning.plan(ForetoldArrivals::kSecondsToForecast + 1.5),
            (std::vector<double>{100, 50}));
  EXPECT_EQ(planning.arrivals.counts().foretold, 0U);
}

TEST(ForetoldArrivals, BelievesAForecastWithinBoundsOnly) {
  Planning planning{.script = {.median = 1e6}};
  planning.plan_until(ForetoldArrivals::kSecondsToForecast);
  const double later_s = ForetoldArrivals::kSecondsToForecast + 0.5;
  EXPECT_EQ(planning.plan(later_s)[0], 100 * ForetoldArrivals::kMostRise);
  planning.script.median = 0;
  EXPECT_EQ(planning.plan(later_s)[0], 100 * ForetoldArrivals::kMostFall);
}

TEST(ForetoldArrivals, CountsThePlansForWhichAForecastCounted) {
  Planning planning{.script = {.median = 150}};
  planning.plan_until(ForetoldArrivals::kSecondsToForecast);
  planning.plan(ForetoldArrivals::kSecondsToForecast + 0.5);
  planning.plan(ForetoldArrivals::kSecondsToForecast + 0.6);
  EXPECT_EQ(planning.arrivals.counts().plans, 10U * ForetoldArrivals::kSecondsToForecast + 3);
  EXPECT_LE(planning.arrivals.counts().foretold, 3U);
  EXPECT_GE(planning.arrivals.counts().foretold, 2U);
}

}  // namespace
}  // namespace weir
